# A script in /opt, rules and settings in /etc, a spool in /var. It opens its log anew for each line.
prepare() {
    mkdir -p /etc/spooler/rules.d /opt/spooler/bin /var/log/spooler /var/spool/spooler/in /var/spool/spooler/out
    install -m 755 "$RECIPE/spooler" /opt/spooler/bin/spooler
    printf 'HEADING=first\nRULES=plain\nIN=/var/spool/spooler/in\nOUT=/var/spool/spooler/out\n' \
        >/etc/spooler/spooler.conf
    echo 's/colour/color/' >/etc/spooler/rules.d/plain.sed
}
boot() { mkdir -p /run/spooler; }
until_there() {
    until test -e "$1"; do sleep 0.1; done
}
times_said() { cat /var/log/spooler/spooler.log* | grep -c "$1" || true; }
until_said() {
    until test "$(times_said "$1")" -gt "${2:-0}"; do sleep 0.1; done
}
job() {
    before=$(times_said "did $1.job")
    printf '%s\n' "$2" "$2" "a colour" >"/var/spool/spooler/$1.new"
    mv "/var/spool/spooler/$1.new" "/var/spool/spooler/in/$1.job"
    until_there "/var/spool/spooler/out/$1.job.gz"
    zcat "/var/spool/spooler/out/$1.job.gz" | tr '\n' ' ' | grep -q "$3"
    sum=$(md5sum <"/var/spool/spooler/out/$1.job.gz" | cut -c 1-8)
    until_said "did $1.job, $sum" "$before"
    rm "/var/spool/spooler/out/$1.job.gz"
}
ready() { test -e /run/spooler/spooler.pid; }
request() { job alpha zebra 'first: 2 lines A COLOR ZEBRA'; }
replace() {
    cp -p /etc/spooler/spooler.conf /etc/spooler/spooler.conf.new
    sed -i 's/first/second/; s/plain/paint/' /etc/spooler/spooler.conf.new
    mv /etc/spooler/spooler.conf.new /etc/spooler/spooler.conf
    echo 's/colour/paint/' >/etc/spooler/rules.d/paint.sed
}
reload() { # more than once: dash may lose a signal that comes while it starts a program
    until test "$(times_said configured)" -gt 0; do
        kill -HUP "$PID"
        sleep 0.5
    done
}
again() {
    job beta yak 'second: 2 lines A PAINT YAK'
    job "gamma 2" xerus 'second: 2 lines A PAINT XERUS'
}
rotate() { mv /var/log/spooler/spooler.log /var/log/spooler/spooler.log.1; }
rotated() { grep -q 'did beta' /var/log/spooler/spooler.log; }
