# nginx as Debian ships it, with one site of static files.
prepare() {
    printf 'server { listen 127.0.0.1:80; root /var/www/html; }\n' \
        >/etc/nginx/sites-available/default
    mkdir -p /var/www/html
    rm -rf /var/log/nginx/*
    echo one >/var/www/html/one.txt
    echo two >/var/www/html/two.txt
}
ready() { curl -sf -m 2 http://127.0.0.1/one.txt; }
request() { curl -sf -m 2 http://127.0.0.1/one.txt | grep -q one; }
replace() {
    sed 's/worker_connections 768/worker_connections 512/; s/^http {/http { add_header X-Way replaced;/' \
        /etc/nginx/nginx.conf >/etc/nginx/nginx.conf.new
    mv /etc/nginx/nginx.conf.new /etc/nginx/nginx.conf
    echo three >/var/www/html/three.txt
}
reload() {
    kill -HUP "$PID"
    until curl -sf -m 2 -D - http://127.0.0.1/one.txt | grep -i '^x-way: replaced'; do sleep 0.1; done
}
again() {
    curl -sf -m 2 http://127.0.0.1/two.txt | grep -q two
    curl -sf -m 2 http://127.0.0.1/three.txt | grep -q three
}
rotate() {
    for log in /var/log/nginx/*.log; do mv "$log" "$log.1"; done
    kill -USR1 "$PID"
    until test -e /var/log/nginx/access.log; do sleep 0.1; done
}
rotated() { test -s /var/log/nginx/access.log; }
