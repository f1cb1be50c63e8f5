# Debian's configuration turned to an anonymous site with a directory for uploads.
fetched() { test "$(curl -sf -m 5 "ftp://127.0.0.1/$1")" = "$2"; }
# The server overwrites nothing, so what an earlier life stored goes first.
stored() {
    rm -f "/srv/ftp/upload/$1"
    printf '%s\n' "$2" | curl -sf -m 5 -T - "ftp://127.0.0.1/upload/$1"
    test "$(cat "/srv/ftp/upload/$1")" = "$2"
}
prepare() {
    rm -rf /srv/ftp /var/log/vsftpd.log*
    install -d /srv/ftp/pub
    install -d -o ftp -g ftp /srv/ftp/upload
    echo one >/srv/ftp/pub/one.txt
    echo two >/srv/ftp/pub/two.txt
    printf '%s\n' 'listen=YES' 'listen_address=127.0.0.1' 'anonymous_enable=YES' 'local_enable=NO' \
        'write_enable=YES' 'anon_upload_enable=YES' 'anon_umask=022' 'dirmessage_enable=YES' 'use_localtime=YES' \
        'xferlog_enable=YES' 'connect_from_port_20=YES' 'secure_chroot_dir=/var/run/vsftpd/empty' \
        'pasv_min_port=40000' 'pasv_max_port=40000' 'ssl_enable=NO' >/etc/vsftpd.conf
}
boot() { install -d /run/vsftpd/empty; }
ready() { curl -sf -m 2 ftp://127.0.0.1/pub/; }
request() {
    fetched pub/one.txt one
    stored first.txt 'from ann'
}
# Read at the restart. The signal is left out: a sandbox that lets a file directly in /etc be replaced and then
# read by the same process has to open all of /etc, and no draft should.
replace() {
    cp -p /etc/vsftpd.conf /etc/vsftpd.conf.new
    echo 'ftpd_banner=Welcome.' >>/etc/vsftpd.conf.new
    mv /etc/vsftpd.conf.new /etc/vsftpd.conf
    echo three >/srv/ftp/pub/three.txt
}
again() {
    fetched pub/two.txt two
    fetched pub/three.txt three
    stored second.txt 'from bob'
}
# As logrotate does it here: the server has no signal for it, sessions open the log themselves.
rotate() {
    mv /var/log/vsftpd.log /var/log/vsftpd.log.1
    install -m 640 -g adm /dev/null /var/log/vsftpd.log
}
rotated() { grep -q three.txt /var/log/vsftpd.log; }
