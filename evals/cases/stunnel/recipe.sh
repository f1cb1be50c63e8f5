# One tunnel to a small web server that is no part of it. The pid file lies in /run itself.
get() { test "$(curl -skf -m 5 "https://127.0.0.1:4433/$1")" = "$2"; }
prepare() {
    install -d /srv/behind
    echo one >/srv/behind/one.txt
    echo two >/srv/behind/two.txt
    install -d -o stunnel4 -g stunnel4 /var/log/stunnel4
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=site -keyout /etc/ssl/private/stunnel.key \
        -out /etc/ssl/certs/stunnel.pem
    chmod 640 /etc/ssl/private/stunnel.key
    printf '%s\n' 'foreground = quiet' 'output = /var/log/stunnel4/stunnel.log' 'pid = /run/stunnel4.pid' '[web]' \
        'accept = 127.0.0.1:4433' 'connect = 127.0.0.1:8080' 'cert = /etc/ssl/certs/stunnel.pem' \
        'key = /etc/ssl/private/stunnel.key' >/etc/stunnel/site.conf
}
boot() {
    setsid python3 -I -m http.server --bind 127.0.0.1 --directory /srv/behind 8080 </dev/null >/dev/null 2>&1 &
    until curl -sf -m 2 http://127.0.0.1:8080/one.txt; do sleep 0.1; done
}
ready() { get one.txt one; }
request() { get two.txt two; }
replace() {
    cp -p /etc/stunnel/site.conf /etc/stunnel/site.conf.new
    echo 'TIMEOUTidle = 100' >>/etc/stunnel/site.conf.new
    mv /etc/stunnel/site.conf.new /etc/stunnel/site.conf
    echo three >/srv/behind/three.txt
}
configured() { grep -c 'Configuration successful' /var/log/stunnel4/stunnel.log; }
reload() {
    local before
    before=$(configured)
    kill -HUP "$PID"
    until test "$(configured)" -gt "$before"; do sleep 0.1; done
}
again() {
    get two.txt two
    get three.txt three
}
rotate() {
    mv /var/log/stunnel4/stunnel.log /var/log/stunnel4/stunnel.log.1
    kill -USR1 "$PID"
    until test -e /var/log/stunnel4/stunnel.log; do sleep 0.1; done
}
rotated() { test -s /var/log/stunnel4/stunnel.log; }
