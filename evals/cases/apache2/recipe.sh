# apache2 as Debian ships it, with one site of static files, by HTTP and by TLS.
prepare() {
    rm -f /var/log/apache2/* /etc/apache2/sites-enabled/*
    printf 'Listen 127.0.0.1:80\nListen 127.0.0.1:443\n' >/etc/apache2/ports.conf
    a2enmod -q ssl
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout /etc/ssl/private/site.key -out /etc/ssl/certs/site.pem
    chmod 600 /etc/ssl/private/site.key
    cat >/etc/apache2/sites-available/site.conf <<-'END'
		ServerName localhost
		ServerTokens Minor
		DocumentRoot /srv/site
		<Directory /srv/site>
		    Require all granted
		</Directory>
		<VirtualHost *:80>
		    CustomLog ${APACHE_LOG_DIR}/access.log combined
		</VirtualHost>
		<VirtualHost *:443>
		    SSLEngine on
		    SSLCertificateFile /etc/ssl/certs/site.pem
		    SSLCertificateKeyFile /etc/ssl/private/site.key
		    CustomLog ${APACHE_LOG_DIR}/tls.log combined
		</VirtualHost>
	END
    a2ensite -q site
    install -d /srv/site
    echo one >/srv/site/one.txt
    echo two >/srv/site/two.txt
}
boot() {
    install -d /run/lock /run/apache2
    install -d -o www-data /run/lock/apache2
}
get() { curl -sf -m 5 "http://localhost/$1"; }
get_tls() { curl -sf -m 5 --cacert /etc/ssl/certs/site.pem "https://localhost/$1"; }
ready() { get one.txt && get_tls one.txt; }
request() {
    get one.txt | grep -x one
    get_tls one.txt | grep -x one
}
replace() {
    for file in apache2.conf sites-available/site.conf; do
        cp -p "/etc/apache2/$file" "/etc/apache2/$file.new"
        sed -i 's/^ServerTokens .*/ServerTokens Prod/' "/etc/apache2/$file.new"
        mv "/etc/apache2/$file.new" "/etc/apache2/$file"
    done
    echo three >/srv/site/three.txt
}
reload() {
    kill -USR1 "$PID"
    until curl -s -m 5 -D - http://localhost/one.txt | tr -d '\r' | grep -x 'Server: Apache'; do sleep 0.1; done
}
again() {
    get two.txt | grep -x two
    get_tls three.txt | grep -x three
}
rotate() {
    for log in /var/log/apache2/*.log; do mv "$log" "$log.1"; done
    kill -USR1 "$PID"
    until grep -q 'resuming normal operations' /var/log/apache2/error.log; do sleep 0.1; done
}
rotated() {
    grep -q two.txt /var/log/apache2/access.log
    grep -q three.txt /var/log/apache2/tls.log
}
