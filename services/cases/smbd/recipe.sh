# One share, for one person by password and for guests.
prepare() {
    getent passwd ada || useradd --create-home --shell /usr/sbin/nologin ada
    rm -rf /var/log/samba/*
    install -d -m 777 /srv/share
    echo one >/srv/share/one.txt
    cat >/etc/samba/smb.conf <<-'END'
		[global]
		server role = standalone server
		interfaces = lo
		bind interfaces only = yes
		log file = /var/log/samba/log.%m
		log level = 1
		map to guest = bad user
		load printers = no
		printcap name = /dev/null
		disable spoolss = yes
		[share]
		path = /srv/share
		guest ok = yes
		read only = no
	END
    printf 'secret\nsecret\n' | smbpasswd -s -a ada
}
say() { smbclient -t 10 -U ada%secret //127.0.0.1/share -c "$1"; }
guest() { smbclient -t 10 -N "//127.0.0.1/$1" -c ls; }
ready() { say ls; }
request() {
    say 'get one.txt /dev/stdout' | grep -x one
    echo two >/run/letter
    say 'put /run/letter two.txt'
    grep -x two /srv/share/two.txt
    guest share
}
replace() {
    cp -p /etc/samba/smb.conf /etc/samba/smb.conf.new
    printf '[other]\npath = /srv/share\nguest ok = yes\n' >>/etc/samba/smb.conf.new
    mv /etc/samba/smb.conf.new /etc/samba/smb.conf
    echo three >/srv/share/three.txt
}
reload() {
    kill -HUP "$PID"
    until guest other; do sleep 0.2; done
}
again() {
    say 'get three.txt /dev/stdout' | grep -x three
    echo again >/run/letter
    say 'put /run/letter two.txt'
    grep -x again /srv/share/two.txt
}
rotate() {
    for log in /var/log/samba/log.*; do mv "$log" "$log.old"; done
    kill -HUP "$PID"
    until guest other && test -e /var/log/samba/log.smbd; do sleep 0.2; done
}
# Written when it is asked to: reading its configuration again is worth a line.
rotated() {
    until test -s /var/log/samba/log.smbd; do
        kill -HUP "$PID"
        sleep 0.2
    done
}
