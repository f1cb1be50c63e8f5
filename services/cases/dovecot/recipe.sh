# One reader, whose mail lies in a directory of files.
prepare() {
    getent passwd vmail || useradd --system --home-dir /srv/mail --shell /usr/sbin/nologin vmail
    install -d -o vmail -g vmail -m 700 /srv/mail
    mkdir -p /var/log/dovecot
    cat >/etc/dovecot/dovecot.conf <<-'END'
		protocols = imap
		listen = 127.0.0.1
		ssl = no
		disable_plaintext_auth = no
		log_path = /var/log/dovecot/dovecot.log
		mail_location = maildir:/srv/mail/%u
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN /etc/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=vmail gid=vmail home=/srv/mail/%u
		}
	END
    printf 'ada:{PLAIN}secret::::::\n' >/etc/dovecot/users
    chown root:dovecot /etc/dovecot/users
    chmod 640 /etc/dovecot/users
}
boot() { mkdir -p -m 755 /run/dovecot; }
imap() { curl -sf -m 10 -u ada:secret "imap://127.0.0.1/$1" "${@:2}"; }
ready() { imap '' -X NOOP; }
letter() { printf 'From: a@example.test\nSubject: %s\n\nhello\n' "$1"; }
request() {
    letter first >/run/letter
    imap INBOX -T /run/letter
    imap 'INBOX;MAILINDEX=1' | grep -q hello
}
replace() {
    cp -p /etc/dovecot/dovecot.conf /etc/dovecot/dovecot.conf.new
    echo 'mail_max_userip_connections = 5' >>/etc/dovecot/dovecot.conf.new
    mv /etc/dovecot/dovecot.conf.new /etc/dovecot/dovecot.conf
}
reload() { kill -HUP "$PID" && sleep 1; }
again() {
    letter second >/run/letter
    imap INBOX -T /run/letter
    imap INBOX -X 'SEARCH SUBJECT second' | grep -q '[0-9]'
}
rotate() {
    mv /var/log/dovecot/dovecot.log /var/log/dovecot/dovecot.log.1
    kill -USR1 "$PID" && sleep 1
}
rotated() { test -s /var/log/dovecot/dovecot.log; }
