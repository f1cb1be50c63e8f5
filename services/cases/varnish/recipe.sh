# Debian's configuration, before a small server that is no part of it.
get() { curl -sf -m 5 "http://127.0.0.1:6081/$1" "${@:2}"; }
prepare() {
    install -d /srv/behind
    echo one >/srv/behind/one.txt
    echo two >/srv/behind/two.txt
    dd if=/dev/urandom of=/etc/varnish/secret bs=64 count=1
    chmod 600 /etc/varnish/secret
}
boot() {
    setsid /usr/bin/python3 -I -m http.server --bind 127.0.0.1 --directory /srv/behind 8080 >/dev/null 2>&1 &
    until curl -sf -m 2 http://127.0.0.1:8080/one.txt; do sleep 0.1; done
}
ready() { get one.txt; }
request() { get one.txt | grep -x one; }
replace() {
    sed 's/^sub vcl_deliver {/& set resp.http.Second = "yes";/' /etc/varnish/default.vcl >/etc/varnish/default.vcl.new
    mv /etc/varnish/default.vcl.new /etc/varnish/default.vcl
    echo three >/srv/behind/three.txt
}
reload() {
    varnishadm vcl.load second /etc/varnish/default.vcl
    varnishadm vcl.use second
    until get one.txt -D - | grep '^Second: yes'; do sleep 0.1; done
}
again() {
    get two.txt | grep -x two
    get three.txt | grep -x three
}
