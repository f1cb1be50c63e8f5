# A server of its own with one host key and one person, who may look at the shop's files.
prepare() {
    getent passwd ada || useradd --create-home --shell /bin/sh --password '*' ada
    mkdir -p /srv/shop /etc/shop-ssh/people /root/tester
    echo one >/srv/shop/one.txt
    rm -f /etc/ssh/shop_key* /root/tester/*
    ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/shop_key
    ssh-keygen -q -t ed25519 -N '' -f /root/tester/id
    cp /root/tester/id.pub /etc/shop-ssh/people/ada
    cat >/etc/shop-ssh/config <<-'END'
		Port 22
		ListenAddress 127.0.0.1
		HostKey /etc/ssh/shop_key
		UsePAM no
		PidFile none
		PasswordAuthentication no
		AuthorizedKeysFile /etc/shop-ssh/people/%u
	END
}
boot() { mkdir -p -m 755 /run/sshd; }
say() {
    timeout 15 ssh -F none -i /root/tester/id -o BatchMode=yes -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR ada@127.0.0.1 "$@"
}
ready() { ssh-keyscan -T 2 127.0.0.1 2>/dev/null | grep -q ed25519; }
request() { say cat /srv/shop/one.txt | grep -qx one; }
replace() {
    cp -p /etc/shop-ssh/config /etc/shop-ssh/config.new
    echo 'MaxSessions 5' >>/etc/shop-ssh/config.new
    mv /etc/shop-ssh/config.new /etc/shop-ssh/config
    echo two >/srv/shop/two.txt
}
reload() { kill -HUP "$PID" && sleep 1; }
again() {
    say cat /srv/shop/two.txt | grep -qx two
    say cat /srv/shop/one.txt | grep -qx one
}
