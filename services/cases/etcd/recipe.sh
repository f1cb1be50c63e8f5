# One member; clients and peers on the loopback.
prepare() {
    rm -rf /var/lib/etcd/*
    install -d -o etcd -g etcd -m 700 /var/lib/etcd/one
    mkdir -p /etc/etcd
    cat >/etc/etcd/etcd.yml <<-'END'
		name: one
		data-dir: /var/lib/etcd/one
		listen-client-urls: http://127.0.0.1:2379
		advertise-client-urls: http://127.0.0.1:2379
		listen-peer-urls: http://127.0.0.1:2380
		initial-advertise-peer-urls: http://127.0.0.1:2380
		initial-cluster: one=http://127.0.0.1:2380
	END
}
ask() { ETCDCTL_API=3 timeout 15 etcdctl --endpoints=http://127.0.0.1:2379 "$@"; }
ready() { ask endpoint health; }
request() {
    ask put colour blue
    ask get colour | grep -qx blue
}
# Maintenance: the file is written anew and takes the old one's place.
rotate() {
    ask compact 2
    ask defrag
}
again() {
    ask put size large
    ask get size | grep -qx large
    ask get colour | grep -qx blue
}
rotated() { ask endpoint status; }
