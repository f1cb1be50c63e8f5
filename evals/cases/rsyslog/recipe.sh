# Debian's configuration without the kernel's log and /dev/log, which are the machine's.
by_socket() { logger -u /run/rsyslog/log -t "$1" "$2"; }
by_port() { logger -n 127.0.0.1 -P 514 -T -t "$1" "$2"; }
# A message is on its way after logger ended.
written() { until grep -qs -- "$2" "/var/log/site/$1.log"; do sleep 0.1; done; }
prepare() {
    rm -rf /var/spool/rsyslog /var/log/site /etc/rsyslog.d/*.conf
    install -d /var/spool/rsyslog
    install -d -g adm /var/log/site
    printf '%s\n' 'module(load="imuxsock" SysSock.Use="off")' 'module(load="imtcp")' \
        '$FileOwner root' '$FileGroup adm' '$FileCreateMode 0640' '$DirCreateMode 0755' '$Umask 0022' \
        '$WorkDirectory /var/spool/rsyslog' '$IncludeConfig /etc/rsyslog.d/*.conf' >/etc/rsyslog.conf
    printf '%s\n' 'input(type="imuxsock" Socket="/run/rsyslog/log")' \
        'input(type="imtcp" address="127.0.0.1" port="514")' >/etc/rsyslog.d/input.conf
    printf '%s\n' 'template(name="each" type="string" string="/var/log/site/%PROGRAMNAME%.log")' \
        '*.* action(type="omfile" dynaFile="each")' '*.* action(type="omfile" file="/var/log/site/all.log")' \
        >/etc/rsyslog.d/site.conf
}
boot() { install -d /run/rsyslog; }
ready() { test -S /run/rsyslog/log && by_port ready yes; }
request() {
    by_socket shop 'one was sold'
    written shop 'one was sold'
    by_port bank 'one was paid'
    written bank 'one was paid'
    written all 'one was paid'
}
# Read at the next start only: the daemon's signal is about its files.
replace() {
    sed 's/all.log/every.log/' /etc/rsyslog.d/site.conf >/etc/rsyslog.d/site.conf.new
    mv /etc/rsyslog.d/site.conf.new /etc/rsyslog.d/site.conf
    cp -p /etc/rsyslog.conf /etc/rsyslog.conf.new
    mv /etc/rsyslog.conf.new /etc/rsyslog.conf
    echo 'auth.* action(type="omfile" file="/var/log/site/auth.log")' >/etc/rsyslog.d/auth.conf
}
again() {
    local now
    now=$(cat /proc/sys/kernel/random/uuid)
    by_socket farm "two were sown $now"
    written farm "$now"
    by_port mill "two were ground $now"
    written mill "$now"
}
rotate() {
    local log
    for log in /var/log/site/*.log; do mv "$log" "$log.1"; done
    kill -HUP "$PID"
}
rotated() { grep -q 'were sown' /var/log/site/farm.log && grep -q 'were ground' /var/log/site/mill.log; }
