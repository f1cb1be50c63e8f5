# Compiled on the spot. It speaks lines: PUT NAME TEXT and GET NAME.
prepare() {
    useradd --system --no-create-home --shell /usr/sbin/nologin shelf
    mkdir -p /etc/shelf /opt/shelf/sbin /var/log/shelf
    install -d -o shelf -g shelf -m 750 /var/lib/shelf
    gcc -O1 -Wall -Werror -o /opt/shelf/sbin/shelfd "$RECIPE/shelfd.c"
    printf 'port 7070\nuser shelf\nworkers 2\ngreeting hello\n' >/etc/shelf/shelf.conf
}
boot() { mkdir -p /run/shelf; }
say() {
    exec 3<>/dev/tcp/127.0.0.1/7070
    echo "$1" >&3
    timeout 3 cat <&3 >/run/answer
    exec 3>&-
    grep -qx "$2" /run/answer
}
ready() { say HELLO '.*'; }
request() {
    say HELLO hello
    say 'PUT apple red' kept
    say 'GET apple' red
}
replace() {
    cp -p /etc/shelf/shelf.conf /etc/shelf/shelf.conf.new
    sed -i 's/hello/good day/' /etc/shelf/shelf.conf.new
    mv /etc/shelf/shelf.conf.new /etc/shelf/shelf.conf
    install -o shelf -g shelf -m 640 /dev/stdin /var/lib/shelf/plum <<<blue
}
reload() {
    kill -HUP "$PID"
    until say HELLO 'good day'; do sleep 0.1; done
}
again() {
    say 'GET plum' blue
    say 'PUT pear green' kept
    say 'GET pear' green
}
rotate() {
    mv /var/log/shelf/shelf.log /var/log/shelf/shelf.log.1
    kill -USR1 "$PID"
    until grep -qs reopened /var/log/shelf/shelf.log; do sleep 0.1; done
}
rotated() { grep -q 'GET pear' /var/log/shelf/shelf.log; }
