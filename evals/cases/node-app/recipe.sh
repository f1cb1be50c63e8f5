# Modules below /opt, what is served below /srv, state in /var/lib, a socket in /run.
prepare() {
    useradd --system --no-create-home --shell /usr/sbin/nologin board
    mkdir -p /etc/board /opt/board /srv/board/pages
    install -d -o board -g board /var/lib/board /var/log/board
    cp -r "$RECIPE"/board/. /opt/board/
    echo '{"user": "board", "socket": "/run/board/board.sock", "greeting": "welcome"}' >/etc/board/board.json
    echo '<p>{{greeting}}, this is one</p>' >/srv/board/pages/one.html
    echo '<p>{{greeting}}, this is two</p>' >/srv/board/pages/two.html
}
boot() { install -d -o board -g board -m 755 /run/board; }
call() { curl -sf -m 5 --unix-socket /run/board/board.sock "http://board$1" "${@:2}"; }
until_told() {
    until call /pages/one.html | grep -q "$1"; do sleep 0.1; done
}
ready() { call /pages/one.html; }
request() {
    call /pages/one.html | grep -q 'welcome, this is one'
    call /cards/alpha -d 'first card' | grep -q kept
    call /cards/alpha | grep -q 'first card'
}
replace() {
    cp -p /etc/board/board.json /etc/board/board.json.new
    sed -i 's/welcome/good day/' /etc/board/board.json.new
    mv /etc/board/board.json.new /etc/board/board.json
    cp -p /srv/board/pages/two.html /srv/board/pages/two.html.new
    echo '<p>really</p>' >>/srv/board/pages/two.html.new
    mv /srv/board/pages/two.html.new /srv/board/pages/two.html
    echo '<p>{{greeting}}, this is three</p>' >/srv/board/pages/three.html
}
reload() { kill -HUP "$PID" && until_told 'good day'; }
again() {
    call /pages/two.html | grep -q really
    call /pages/three.html | grep -q 'good day, this is three'
    call /cards/beta -d 'second card' | grep -q kept
    call /cards/beta | grep -q 'second card'
}
rotate() {
    mv /var/log/board/access.log /var/log/board/access.log.1
    kill -USR2 "$PID"
    until test -e /var/log/board/access.log; do sleep 0.1; done
}
rotated() { grep -q /cards/beta /var/log/board/access.log; }
