# redis as Debian ships it, with its unix socket. It opens its log for every line, so that rotation needs no signal,
# and reads its configuration only when it starts.
SOCKET=/run/redis/redis-server.sock
ask() { timeout 5 redis-cli -s "$SOCKET" "$@"; }
save() {
    ask BGSAVE
    until ask INFO persistence | grep '^rdb_bgsave_in_progress:0'; do sleep 0.1; done
    ask INFO persistence | grep '^rdb_last_bgsave_status:ok'
}
prepare() {
    sed -i "s|^# *unixsocket .*|unixsocket $SOCKET|; s|^# *unixsocketperm .*|unixsocketperm 700|" /etc/redis/redis.conf
    rm -rf /var/lib/redis/* /var/log/redis/*
}
boot() { install -d -o redis -g redis -m 755 /run/redis; }
ready() { ask PING | grep -x PONG; }
request() {
    ask SET first one
    redis-cli -h 127.0.0.1 GET first | grep -x one
    save
    test -s /var/lib/redis/dump.rdb
}
replace() {
    cp -p /etc/redis/redis.conf /etc/redis/redis.conf.new
    sed -i 's/^databases 16/databases 8/' /etc/redis/redis.conf.new
    mv /etc/redis/redis.conf.new /etc/redis/redis.conf
}
again() {
    ask GET first | grep -x one
    ask RPUSH queue two three
    redis-cli -h 127.0.0.1 LRANGE queue 0 0 | grep -x two
    rm -f /var/lib/redis/dump.rdb
    save
    test -s /var/lib/redis/dump.rdb
}
rotate() { mv /var/log/redis/redis-server.log /var/log/redis/redis-server.log.1; }
rotated() { grep -q 'DB saved on disk' /var/log/redis/redis-server.log; }
