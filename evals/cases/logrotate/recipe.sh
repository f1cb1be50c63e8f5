# Debian's configuration with two programs' logs. Size decides, so the date does not matter.
prepare() {
    rm -rf /etc/logrotate.d/* /var/lib/logrotate/*
    mkdir -p /var/log/shop /var/log/till
    stanza shop 'touch /run/shop/told' >/etc/logrotate.d/shop
    stanza till 'touch /run/till/told' >/etc/logrotate.d/till
}
# What the programs wrote since the job ran.
boot() {
    mkdir -p /run/shop /run/till
    echo monday >/var/log/shop/access.log
    echo monday >/var/log/till/till.log
}
stanza() {
    printf '/var/log/%s/*.log {\n size 1\n rotate 3\n missingok\n compress\n create 640 root adm\n' "$1"
    printf ' sharedscripts\n postrotate\n  %s\n endscript\n}\n' "$2"
}
request() {
    zcat /var/log/shop/access.log.1.gz | grep -q monday
    zcat /var/log/till/till.log.1.gz | grep -q monday
    test -e /run/shop/told
}
replace() {
    cp -p /etc/logrotate.d/shop /etc/logrotate.d/shop.new
    sed -i 's/rotate 3/rotate 4/' /etc/logrotate.d/shop.new
    mv /etc/logrotate.d/shop.new /etc/logrotate.d/shop
    echo tuesday >/var/log/shop/access.log
    echo tuesday >/var/log/shop/error.log
    echo tuesday >/var/log/till/till.log
    rm /run/shop/told /run/till/told
    touch /run/replaced
}
# Before the job ran again there is nothing to be seen.
again() {
    if test -e /run/replaced && test -e /run/waited; then
        zcat /var/log/shop/access.log.1.gz | grep -q tuesday
        zcat /var/log/shop/access.log.2.gz | grep -q monday
        zcat /var/log/shop/error.log.1.gz | grep -q tuesday
        zcat /var/log/till/till.log.1.gz | grep -q tuesday
        test -e /run/till/told
    fi
}
rotated() { touch /run/waited; }
