# A stranger reads what is nobody's business; owners get their files before and after.
prepare() {
    mkdir -p /opt/stall /srv/stall /var/log/stall
    cp "$RECIPE/stall/stall.py" /opt/stall/
    for name in bread milk salt; do echo "price of $name" >"/srv/stall/$name.txt"; done
}
get() { curl -s -m 5 --path-as-is "http://127.0.0.1:8000/$1"; }
priced() { get "$1.txt" | grep -qx "price of $1"; }
ready() { get bread.txt; }
# What the stranger gets is not looked at: a sandbox may well keep it.
strange() { get "../..$1" >/run/booty; }
request() {
    priced bread
    strange /etc/shadow
    strange /home/deploy/.ssh/id_rsa
    strange /root/.ssh/id_ed25519
    strange /nowhere/../etc/gshadow
    priced milk
}
replace() {
    echo 'price of pepper' >/srv/stall/pepper.txt
    cp -p /srv/stall/salt.txt /srv/stall/salt.txt.new
    mv /srv/stall/salt.txt.new /srv/stall/salt.txt
}
again() {
    priced salt
    priced pepper
    strange /etc/gshadow
    priced salt
}
rotate() { mv /var/log/stall/stall.log /var/log/stall/stall.log.1; }
rotated() { grep -q pepper /var/log/stall/stall.log; }
