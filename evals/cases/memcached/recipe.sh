# memcached as Debian's unit starts it. It reads its configuration only when it starts, and writes no log.
talk() {
    timeout 5 bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211; printf "$1" >&3; cat <&3' talk "$1quit\r\n"
}
configuration() {
    printf -- '-d\nlogfile /var/log/memcached.log\n-m %s\n-p 11211\n-u memcache\n-l 127.0.0.1\n' "$1"
    printf -- '-P /var/run/memcached/memcached.pid\n'
}
prepare() { configuration 64 >/etc/memcached.conf; }
boot() { install -d -o memcache -g memcache -m 755 /run/memcached; }
ready() { talk 'version\r\n' | grep ^VERSION; }
request() { talk 'set first 0 0 3\r\none\r\nget first\r\n' | grep '^VALUE first 0 3'; }
replace() {
    cp -p /etc/memcached.conf /etc/memcached.conf.new
    configuration 32 >/etc/memcached.conf.new
    mv /etc/memcached.conf.new /etc/memcached.conf
}
again() {
    talk 'set second 0 0 3\r\ntwo\r\nget second\r\n' | grep '^VALUE second 0 3'
    talk 'delete second\r\nget second\r\n' | grep ^DELETED
}
