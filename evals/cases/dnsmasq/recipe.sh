# Started as Debian's unit does it; one file of settings, a directory of hosts files, a log of its own.
asked() { test "$(dig +short +time=2 +tries=1 @127.0.0.1 "$1")" = "$2"; }
prepare() {
    rm -rf /etc/dnsmasq.d/*.conf /var/log/dnsmasq /etc/dnsmasq.hosts
    install -d /etc/dnsmasq.hosts
    install -d -o dnsmasq /var/log/dnsmasq
    echo '# all of it is in dnsmasq.d' >/etc/dnsmasq.conf
    printf '%s\n' 'port=53' 'listen-address=127.0.0.1' 'bind-interfaces' 'no-resolv' 'no-hosts' \
        'hostsdir=/etc/dnsmasq.hosts' 'log-queries' 'log-facility=/var/log/dnsmasq/dnsmasq.log' \
        >/etc/dnsmasq.d/site.conf
    echo 'address=/printer.site/10.0.0.9' >/etc/dnsmasq.d/names.conf
    printf '10.0.0.1 ann.site\n10.0.0.2 bob.site\n' >/etc/dnsmasq.hosts/people
}
boot() { install -d -o dnsmasq /run/dnsmasq; }
ready() { asked ann.site 10.0.0.1; }
request() {
    asked bob.site 10.0.0.2
    asked printer.site 10.0.0.9
}
replace() {
    sed 's/printer/plotter/' /etc/dnsmasq.d/names.conf >/etc/dnsmasq.d/names.conf.dpkg-new
    mv /etc/dnsmasq.d/names.conf.dpkg-new /etc/dnsmasq.d/names.conf
    echo 'address=/scanner.site/10.0.0.8' >/etc/dnsmasq.d/more.conf
    cp -p /etc/dnsmasq.hosts/people /etc/people.new
    echo '10.0.0.3 eve.site' >>/etc/people.new
    mv /etc/people.new /etc/dnsmasq.hosts/people
    echo '10.0.0.4 dan.site' >/etc/dnsmasq.hosts/guests
}
reload() {
    kill -HUP "$PID"
    until asked eve.site 10.0.0.3; do sleep 0.1; done
}
again() {
    asked eve.site 10.0.0.3
    asked dan.site 10.0.0.4
}
rotate() {
    mv /var/log/dnsmasq/dnsmasq.log /var/log/dnsmasq/dnsmasq.log.1
    kill -USR2 "$PID"
    until test -e /var/log/dnsmasq/dnsmasq.log; do sleep 0.1; done
}
rotated() { grep -q dan.site /var/log/dnsmasq/dnsmasq.log; }
