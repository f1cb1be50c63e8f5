# Debian's configuration with a server on this machine that does not answer, and a log.
prepare() {
    rm -rf /var/log/chrony/* /var/lib/chrony/*
    printf '%s\n' 'server 127.0.0.1 port 1123' 'confdir /etc/chrony/conf.d' 'sourcedir /etc/chrony/sources.d' \
        'keyfile /etc/chrony/chrony.keys' 'driftfile /var/lib/chrony/chrony.drift' 'ntsdumpdir /var/lib/chrony' \
        'logdir /var/log/chrony' 'log tracking measurements' 'local stratum 8' 'allow 127.0.0.1' 'leapsectz right/UTC' \
        >/etc/chrony/chrony.conf
}
knows() { chronyc -n sources | grep -F "$1" >/dev/null; }
ready() { chronyc tracking | grep Stratum; }
request() {
    knows 127.0.0.1
    chronyc dump
}
replace() {
    cp -p /etc/chrony/chrony.conf /etc/chrony/chrony.conf.new
    echo 'maxupdateskew 50' >>/etc/chrony/chrony.conf.new
    mv /etc/chrony/chrony.conf.new /etc/chrony/chrony.conf
    echo 'server 127.0.0.2 port 1124' >/etc/chrony/sources.d/more.sources
}
reload() {
    chronyc reload sources
    until knows 127.0.0.2; do sleep 0.1; done
}
again() {
    knows 127.0.0.2
    chronyc rekey
}
rotate() {
    local log
    for log in /var/log/chrony/*.log; do test ! -e "$log" || mv "$log" "$log.1"; done
    chronyc cyclelogs
}
