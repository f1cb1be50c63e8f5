# The configuration that Debian ships, with two files added: the server's settings and the local names.
asked() { test "$(dig +short +time=2 +tries=1 @127.0.0.1 "$1")" = "$2"; }
prepare() {
    rm -rf /var/lib/unbound/* /etc/unbound/*.conf /etc/unbound/unbound.conf.d/* /var/log/unbound
    install -d -o unbound /var/log/unbound
    install -m 644 -o unbound -g unbound /usr/share/dns/root.key /var/lib/unbound/root.key
    cd /etc/unbound
    echo 'include-toplevel: "/etc/unbound/unbound.conf.d/*.conf"' >unbound.conf
    printf '%s\n' 'remote-control:' '  control-enable: yes' '  control-interface: /run/unbound.ctl' \
        >unbound.conf.d/remote-control.conf
    printf '%s\n' 'server:' '  auto-trust-anchor-file: "/var/lib/unbound/root.key"' \
        >unbound.conf.d/root-auto-trust-anchor-file.conf
    printf '%s\n' 'server:' '  interface: 127.0.0.1' '  chroot: ""' '  use-syslog: no' '  log-queries: yes' \
        '  logfile: /var/log/unbound/unbound.log' >unbound.conf.d/server.conf
    printf '%s\n' 'server:' '  local-zone: "site." static' '  local-data: "ann.site. A 10.0.0.1"' \
        '  local-data: "bob.site. A 10.0.0.2"' >unbound.conf.d/names.conf
}
ready() { asked ann.site 10.0.0.1; }
request() {
    asked bob.site 10.0.0.2
    unbound-control status | grep -q 'is running'
}
replace() {
    local name
    cd /etc/unbound/unbound.conf.d
    cp -p names.conf names.new
    echo '  local-data: "eve.site. A 10.0.0.3"' >>names.new
    mv names.new names.conf
    cp -p server.conf server.new
    echo '  hide-identity: yes' >>server.new
    mv server.new server.conf
    printf '%s\n' 'server:' '  local-data: "dan.site. A 10.0.0.4"' >people.conf
}
reload() {
    kill -HUP "$PID"
    until asked eve.site 10.0.0.3; do sleep 0.1; done
}
again() {
    asked eve.site 10.0.0.3
    asked dan.site 10.0.0.4
    unbound-control status | grep -q 'is running'
}
rotate() {
    mv /var/log/unbound/unbound.log /var/log/unbound/unbound.log.1
    kill -HUP "$PID"
    until test -e /var/log/unbound/unbound.log; do sleep 0.1; done
    until asked ann.site 10.0.0.1; do sleep 0.1; done
}
rotated() { grep -q dan.site /var/log/unbound/unbound.log; }
