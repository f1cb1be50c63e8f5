# haproxy as Debian ships it, before a small server that is no part of it. Its log goes to a log daemon, which is not there.
prepare() {
    cat >/etc/haproxy/haproxy.cfg <<-'END'
		global
		    log /dev/log local0
		    chroot /var/lib/haproxy
		    stats socket /run/haproxy/admin.sock mode 660 level admin
		    user haproxy
		    group haproxy
		defaults
		    log global
		    mode http
		    option httplog
		    timeout connect 5s
		    timeout client 5s
		    timeout server 5s
		    errorfile 503 /etc/haproxy/errors/503.http
		frontend site
		    bind 127.0.0.1:80
		    default_backend servers
		backend servers
		    server one 127.0.0.1:8080
	END
    install -d /srv/behind
    echo one >/srv/behind/one.txt
    echo two >/srv/behind/two.txt
}
boot() {
    install -d /run/haproxy
    setsid /usr/bin/python3 -I -m http.server --bind 127.0.0.1 --directory /srv/behind 8080 >/dev/null 2>&1 &
    until curl -sf -m 2 http://127.0.0.1:8080/one.txt; do sleep 0.1; done
}
get() { curl -sf -m 5 "http://127.0.0.1/$1"; }
ready() { get one.txt; }
request() { get one.txt | grep -x one; }
replace() {
    cp -p /etc/haproxy/haproxy.cfg /etc/haproxy/haproxy.cfg.new
    sed -i 's/\(default_backend servers\)/http-response set-header X-Way replaced\n    \1/' /etc/haproxy/haproxy.cfg.new
    mv /etc/haproxy/haproxy.cfg.new /etc/haproxy/haproxy.cfg
    echo three >/srv/behind/three.txt
}
reload() {
    kill -USR2 "$PID"
    until curl -s -m 5 -D - http://127.0.0.1/one.txt | grep -i '^x-way: replaced'; do sleep 0.1; done
}
again() {
    get two.txt | grep -x two
    get three.txt | grep -x three
}
