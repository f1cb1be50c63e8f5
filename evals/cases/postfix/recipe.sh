# Debian's services without chroot, for a domain with mailboxes in one directory, and a log of its own.
arrived() { until grep -qs -- "$2" "/var/mail/site/$1"; do sleep 0.1; done; }
# Spoken to as another mail server would.
mail() {
    printf 'From: eve@elsewhere.test\nTo: %s@site.test\nSubject: hello\n\n%s\n' "$1" "$2" |
        curl -sf -m 10 smtp://127.0.0.1 --mail-from eve@elsewhere.test --mail-rcpt "$1@site.test" -T -
}
greeted() {
    local line=
    { read -r -t 5 line </dev/tcp/127.0.0.1/25; } 2>/dev/null || true
    [[ $line == *"$1"* ]]
}
prepare() {
    rm -rf /var/mail/site /var/log/postfix /var/lib/postfix/*
    postfix check # makes what is missing of the queue
    find /var/spool/postfix/{active,bounce,corrupt,defer,deferred,hold,incoming,maildrop} -type f -delete
    id vmail >/dev/null 2>&1 || useradd --system --home-dir /var/mail/site --shell /usr/sbin/nologin vmail
    install -d -o vmail /var/mail/site
    install -d /var/log/postfix
    printf '%s\n' 'compatibility_level = 3.6' 'myhostname = mail.site.test' 'mydestination =' \
        'inet_interfaces = 127.0.0.1' 'inet_protocols = ipv4' 'biff = no' 'alias_maps =' \
        'virtual_mailbox_domains = site.test' 'virtual_mailbox_base = /var/mail/site' \
        'virtual_mailbox_maps = hash:/etc/postfix/mailboxes' "virtual_uid_maps = static:$(id -u vmail)" \
        "virtual_gid_maps = static:$(id -g vmail)" 'maillog_file = /var/log/postfix/mail.log' \
        >/etc/postfix/main.cf
    sed '/^[a-z]/!d; /^[a-z]*  *unix .*pipe/,$d' /usr/share/postfix/master.cf.dist >/etc/postfix/master.cf
    postconf -F '*/*/chroot=n'
    printf 'ann@site.test ann\nbob@site.test bob\n' >/etc/postfix/mailboxes
    postmap /etc/postfix/mailboxes
    postfix check
}
ready() { mail ann ready; }
request() {
    mail ann 'the first letter'
    arrived ann 'the first letter'
}
replace() {
    local name
    cd /etc/postfix
    cp -p mailboxes mailboxes.new
    echo 'dan@site.test dan' >>mailboxes.new
    postmap mailboxes.new
    mv mailboxes.new.db mailboxes.db
    mv mailboxes.new mailboxes
    cp -p main.cf main.cf.new
    echo 'smtpd_banner = mail.site.test ESMTP second' >>main.cf.new
    mv main.cf.new main.cf
}
reload() {
    kill -HUP "$PID"
    until greeted 'ESMTP second'; do sleep 0.1; done
}
again() {
    local now
    now=$(cat /proc/sys/kernel/random/uuid)
    mail bob "to bob $now"
    arrived bob "$now"
    mail dan "to dan $now"
    arrived dan "$now"
}
rotate() {
    mv /var/log/postfix/mail.log /var/log/postfix/mail.log.1
    kill -HUP "$PID"
    until greeted ESMTP && test -e /var/log/postfix/mail.log; do sleep 0.1; done
}
rotated() { until grep -q 'to=<dan@site.test>' /var/log/postfix/mail.log; do sleep 0.1; done; }
# The port is free when the last of its programs has gone, not when the master has.
stop() {
    kill "$PID"
    while (exec 3<>/dev/tcp/127.0.0.1/25) 2>/dev/null; do sleep 0.1; done
}
