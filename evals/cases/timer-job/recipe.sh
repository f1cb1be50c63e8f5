# One run is one start. In its second life it runs twice: with what was there, and with what came after.
prepare() {
    mkdir -p /etc/keeper /opt/keeper/bin /srv/shop/images /var/backups/shop /var/lib/shop /var/log/keeper
    install -m 755 "$RECIPE/keep" /opt/keeper/bin/keep
    printf 'WHAT="/srv/shop /var/lib/shop"\nTO=/var/backups/shop\nKEEP=2\n' >/etc/keeper/shop.conf
    for name in red green blue; do echo "$name" >"/srv/shop/images/$name.svg"; done
    echo orders >/var/lib/shop/orders.db
    echo old >/var/backups/shop/shop-1.tar.gz
    echo old >/var/backups/shop/shop-2.tar.gz
}
boot() { mkdir -p -m 1777 /run/lock; }
newest() { ls -d /var/backups/shop/*.tar.gz | sort -V | tail -n 1; }
holds() {
    tar -tPzf "$(newest)" >/run/listed
    grep -qx "$1" /run/listed
}
request() {
    holds /srv/shop/images/red.svg
    holds /var/lib/shop/orders.db
    test "$(ls /var/backups/shop | wc -l)" = 2
}
replace() {
    cp -p /etc/keeper/shop.conf /etc/keeper/shop.conf.new
    sed -i 's/KEEP=2/KEEP=3/' /etc/keeper/shop.conf.new
    mv /etc/keeper/shop.conf.new /etc/keeper/shop.conf
    mkdir /srv/shop/videos
    echo yellow >/srv/shop/videos/yellow.svg
    mv /var/lib/shop/orders.db /var/lib/shop/orders-old.db
    echo more >/var/lib/shop/orders.db
    newest >/run/newest-before
}
# Before the job ran again there is nothing new to be seen; afterwards the new files are in a new archive.
again() {
    if test -e /run/rotated && test "$(newest)" != "$(cat /run/newest-before)"; then
        holds /srv/shop/videos/yellow.svg
        holds /var/lib/shop/orders-old.db
        grep -q "$(newest)" /var/log/keeper/keeper.log
        test "$(ls /var/backups/shop | wc -l)" = 3
    else
        test ! -e /run/waited
        holds /srv/shop/images/green.svg
        if test -e /run/rotated; then touch /run/waited; fi
    fi
}
rotate() {
    mv /var/log/keeper/keeper.log /var/log/keeper/keeper.log.1
    touch /run/rotated
}
