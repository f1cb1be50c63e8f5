# Debian's configuration with a cache on disk, before a web server on the same machine.
through() { test "$(curl -sf -m 5 -x 127.0.0.1:3128 "http://127.0.0.1:8080/$1")" = "$2"; }
# A page of the proxy's own: it refuses the port.
refused() { curl -s -m 5 -x 127.0.0.1:3128 http://127.0.0.1:9/ | grep -q "$1"; }
prepare() {
    rm -rf /var/log/squid/* /var/spool/squid/* /etc/squid/conf.d/* /srv/backend
    install -d /srv/backend /etc/squid/conf.d
    echo one >/srv/backend/one.txt
    echo two >/srv/backend/two.txt
    printf '%s\n' 'acl Safe_ports port 8080' 'http_access deny !Safe_ports' 'include /etc/squid/conf.d/*.conf' \
        'http_access allow localhost' 'http_access deny all' 'http_port 127.0.0.1:3128' \
        'coredump_dir /var/spool/squid' 'refresh_pattern . 0 20% 4320' >/etc/squid/squid.conf
    printf '%s\n' 'cache_dir ufs /var/spool/squid 10 4 4' 'shutdown_lifetime 0 seconds' 'pinger_enable off' 'max_filedescriptors 1024' \
        >/etc/squid/conf.d/site.conf
    printf '%s\n' 'forwarded_for on' >/etc/squid/conf.d/headers.conf
    squid --foreground -z
}
boot() {
    install -d -m 775 -o proxy -g proxy /run/squid
    setsid python3 -m http.server --bind 127.0.0.1 --directory /srv/backend 8080 </dev/null >/dev/null 2>&1 &
}
ready() { through one.txt one; }
request() {
    through one.txt one
    through two.txt two
    refused "$(uname -n)"
    until grep -q two.txt /var/log/squid/access.log; do sleep 0.1; done
}
replace() {
    local name
    for name in squid.conf conf.d/headers.conf; do
        cp -p "/etc/squid/$name" "/etc/squid/$name.new"
        echo 'via off' >>"/etc/squid/$name.new"
        mv "/etc/squid/$name.new" "/etc/squid/$name"
    done
    echo 'visible_hostname proxy.site' >/etc/squid/conf.d/more.conf
    echo three >/srv/backend/three.txt
}
reload() {
    kill -HUP "$PID"
    until refused proxy.site; do sleep 0.1; done
}
again() {
    through two.txt two
    through three.txt three
}
rotate() {
    mv /var/log/squid/access.log /var/log/squid/access.log.1
    mv /var/log/squid/cache.log /var/log/squid/cache.log.1
    kill -USR1 "$PID"
    until test -e /var/log/squid/access.log && through one.txt one; do sleep 0.1; done
}
rotated() { until grep -q three.txt /var/log/squid/access.log; do sleep 0.1; done; }
