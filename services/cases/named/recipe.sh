# Debian's configuration with one zone, recursion off, and a query log.
zone() {
    printf '$TTL 60\n@ IN SOA ns admin %s 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n' "$1"
    shift
    for name in "$@"; do printf '%s IN A 192.0.2.7\n' "$name"; done
}
prepare() {
    cat >/etc/bind/named.conf.options <<-'END'
		options { directory "/var/cache/bind"; listen-on { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; };
		logging { channel queries { file "/var/log/named/query.log"; }; category queries { queries; }; };
	END
    echo 'zone "example.test" { type primary; file "/etc/bind/db.example"; };' >/etc/bind/named.conf.local
    zone 1 one two >/etc/bind/db.example
    install -d -o bind -g bind /var/log/named
}
boot() { install -d -o bind -g bind /run/named; }
ask() { dig +time=2 +tries=1 +short @127.0.0.1 "$1.example.test" | grep -qx 192.0.2.7; }
ready() { ask one; }
request() {
    ask one
    ! ask absent
}
replace() {
    zone 2 one two three >/etc/bind/db.example.new
    mv /etc/bind/db.example.new /etc/bind/db.example
}
reload() {
    kill -HUP "$PID"
    for _ in {1..50}; do
        if ask three; then return; fi
        sleep 0.1
    done
    return 1
}
again() {
    ask two
    ask three
}
rotate() {
    mv /var/log/named/query.log /var/log/named/query.log.1
    kill -HUP "$PID"
    for _ in {1..50}; do
        if test -e /var/log/named/query.log; then return; fi
        sleep 0.1
    done
    return 1
}
rotated() { grep -q three /var/log/named/query.log; }
