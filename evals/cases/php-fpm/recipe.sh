# Debian's pool, fewer workers, and a small shop that keeps a basket in the session.
pool=/etc/php/8.2/fpm/pool.d/www.conf
prepare() {
    mkdir -p /srv/shop
    cp -r "$RECIPE/www" /srv/shop/
    sed -i 's/^pm = .*/pm = static/; s/^pm.max_children = .*/pm.max_children = 2/' "$pool"
    echo 'env[SHOP_TITLE] = "Shop of One"' >>"$pool"
    rm -f /var/log/php8.2-fpm.log
}
boot() { install -d -o www-data -g www-data -m 755 /run/php; }
call() {
    env -i PATH="$PATH" REQUEST_METHOD=GET SCRIPT_FILENAME="/srv/shop/www/$1.php" QUERY_STRING="$2" \
        HTTP_COOKIE="PHPSESSID=$3" cgi-fcgi -bind -connect /run/php/php8.2-fpm.sock >/run/answer
    grep -q "$4" /run/answer
}
ready() { call index '' known 'Shop of'; }
request() {
    call index '' alice 'Shop of One'
    call basket put=lamp alice 'in the basket: lamp'
    call basket put=chair alice 'in the basket: lamp, chair'
}
replace() {
    cp -p "$pool" "$pool.new"
    sed -i 's/Shop of One/Shop of Two/' "$pool.new"
    mv "$pool.new" "$pool"
    cp -p /srv/shop/www/index.php /srv/shop/www/index.php.new
    echo '<p>open on sundays</p>' >>/srv/shop/www/index.php.new
    mv /srv/shop/www/index.php.new /srv/shop/www/index.php
    echo '<?php require "lib/page.php"; page("how to find us");' >/srv/shop/www/contact.php
}
reload() {
    kill -USR2 "$PID"
    until call index '' known 'Shop of Two'; do sleep 0.1; done
}
again() {
    call index '' bob 'open on sundays'
    call contact '' bob 'Shop of Two: how to find us'
    call basket put=table bob 'in the basket: .*table'
}
rotate() {
    mv /var/log/php8.2-fpm.log /var/log/php8.2-fpm.log.1
    kill -USR1 "$PID"
    until test -s /var/log/php8.2-fpm.log; do sleep 0.1; done
}
rotated() { grep -q 'log file re-opened' /var/log/php8.2-fpm.log; }
