# Two workers of another user, a database, templates, and a spill file in /tmp.
get() { curl -sf -m 5 "http://127.0.0.1:8000/$1" | grep "$2" >/dev/null; }
prepare() {
    useradd --system --no-create-home shop
    install -d -o shop -g shop /var/log/shop /var/lib/shop
    install -d /etc/shop
    cp -r "$RECIPE/shop" /srv/
    printf '%s\n' 'bind = "127.0.0.1:8000"' 'workers = 2' 'user = "shop"' 'group = "shop"' \
        'pidfile = "/run/shop/shop.pid"' 'accesslog = "/var/log/shop/access.log"' \
        'errorlog = "/var/log/shop/error.log"' 'raw_env = ["TITLE=First"]' >/etc/shop/gunicorn.py
}
boot() { install -d -o shop -g shop /run/shop; }
ready() { get index index; }
request() { get about First; }
replace() {
    sed 's/First/Second/' /etc/shop/gunicorn.py >/etc/shop/gunicorn.py.new
    mv /etc/shop/gunicorn.py.new /etc/shop/gunicorn.py
    cp -p /srv/shop/shop.py /srv/shop/shop.py.new
    echo '# looked at' >>/srv/shop/shop.py.new
    mv /srv/shop/shop.py.new /srv/shop/shop.py
    echo '{title}: contact' >/srv/shop/templates/contact.html
}
reload() {
    kill -HUP "$PID"
    until get about Second; do sleep 0.2; done
}
again() {
    get contact Second
    get about about
}
rotate() {
    local log
    for log in access error; do mv "/var/log/shop/$log.log" "/var/log/shop/$log.log.1"; done
    kill -USR1 "$PID"
    until test -e /var/log/shop/access.log; do sleep 0.1; done
}
rotated() { until grep contact /var/log/shop/access.log; do get contact contact; sleep 0.1; done; }
