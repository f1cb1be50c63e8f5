# The configuration that Debian ships, with a listener, users and an access list in conf.d.
say() { mosquitto_pub -h 127.0.0.1 -u "$1" -P "$1-secret" -i "$1-says" -t "$2" -m "$3" -q 1 -r; }
heard() { test "$(mosquitto_sub -h 127.0.0.1 -u "$1" -P "$1-secret" -i "$1-hears" -t "$2" -C 1 -W 3)" = "$3"; }
prepare() {
    rm -rf /var/lib/mosquitto/* /var/log/mosquitto/* /etc/mosquitto/conf.d/*.conf
    printf '%s\n' 'pid_file /run/mosquitto/mosquitto.pid' 'persistence true' \
        'persistence_location /var/lib/mosquitto/' 'log_dest file /var/log/mosquitto/mosquitto.log' \
        'include_dir /etc/mosquitto/conf.d' >/etc/mosquitto/mosquitto.conf
    printf '%s\n' 'listener 1883 127.0.0.1' 'allow_anonymous false' 'password_file /etc/mosquitto/passwd' \
        'acl_file /etc/mosquitto/acl' >/etc/mosquitto/conf.d/site.conf
    printf 'topic readwrite site/#\n\nuser ann\ntopic readwrite house/#\n' >/etc/mosquitto/acl
    mosquitto_passwd -b -c /etc/mosquitto/passwd ann ann-secret
    chown mosquitto: /etc/mosquitto/passwd /etc/mosquitto/acl
    chmod 600 /etc/mosquitto/passwd /etc/mosquitto/acl
}
boot() { install -d -m 740 -o mosquitto /run/mosquitto; }
ready() { say ann site/ready yes; }
request() {
    say ann house/lamp on
    heard ann house/lamp on
}
replace() {
    local name
    for name in passwd acl conf.d/site.conf; do
        cp -p "/etc/mosquitto/$name" "/etc/mosquitto/$name.new"
    done
    mosquitto_passwd -b /etc/mosquitto/passwd.new bob bob-secret
    chown mosquitto: /etc/mosquitto/passwd.new
    printf '\nuser bob\ntopic readwrite house/#\n' >>/etc/mosquitto/acl.new
    echo 'max_keepalive 600' >>/etc/mosquitto/conf.d/site.conf.new
    echo 'autosave_interval 900' >/etc/mosquitto/conf.d/more.conf
    for name in passwd acl conf.d/site.conf; do
        mv "/etc/mosquitto/$name.new" "/etc/mosquitto/$name"
    done
}
reload() {
    kill -HUP "$PID"
    until say bob site/reloaded yes; do sleep 0.1; done
}
# What ann said in an earlier life is still there.
again() {
    heard bob house/lamp on
    say bob house/door open
    heard bob house/door open
}
rotate() {
    mv /var/log/mosquitto/mosquitto.log /var/log/mosquitto/mosquitto.log.1
    kill -HUP "$PID"
    until test -e /var/log/mosquitto/mosquitto.log; do sleep 0.1; done
}
rotated() { grep -q 'as bob-says' /var/log/mosquitto/mosquitto.log; }
