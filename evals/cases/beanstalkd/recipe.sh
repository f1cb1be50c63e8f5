# Spoken to by hand: a line for each command, answers compared.
# Commands on stdin, answers on stdout; the queue hangs up after "quit".
ask() {
    exec 3<>/dev/tcp/127.0.0.1/11300
    cat >&3
    printf 'quit\r\n' >&3
    timeout 5 cat <&3 | tr -d '\r'
    exec 3>&-
}
put() { printf 'use %s\r\nput 1 0 60 %d\r\n%s\r\n' "$1" "${#2}" "$2" | ask | grep -q '^INSERTED'; }
first_of() { printf 'use %s\r\npeek-ready\r\n' "$1" | ask | sed -n 3p; }
take() { printf 'watch %s\r\nignore default\r\nreserve-with-timeout 2\r\n' "$1" | ask | sed -n 4p; }
prepare() { rm -rf /var/lib/beanstalkd/*; }
ready() { ask </dev/null; }
request() {
    put mails 'to ann'
    put pictures 'scale 1.png'
    test "$(first_of mails)" = 'to ann'
    test "$(take pictures)" = 'scale 1.png'
}
# Enough for one more file of the log.
replace() {
    local long count
    long=$(printf '%020000d' 7)
    for count in 1 2 3 4 5; do put "archive$count" "$long"; done
    test "$(first_of archive5)" = "$long"
    test "$(ls /var/lib/beanstalkd/binlog.* | wc -l)" -gt 1
}
again() {
    test "$(first_of mails)" = 'to ann'
    put bills 'number 2'
    test "$(take bills)" = 'number 2'
}
