# lighttpd with Debian's helpers for its configuration, a site of static files and a shell script as CGI.
prepare() {
    rm -f /etc/lighttpd/conf-enabled/* /var/log/lighttpd/*
    cat >/etc/lighttpd/lighttpd.conf <<-'END'
		server.modules = ("mod_access", "mod_alias")
		server.document-root = "/srv/site/html"
		server.upload-dirs = ("/var/cache/lighttpd/uploads")
		server.errorlog = "/var/log/lighttpd/error.log"
		server.pid-file = "/run/lighttpd.pid"
		server.username = "www-data"
		server.groupname = "www-data"
		server.bind = "127.0.0.1"
		server.port = 80
		server.feature-flags += ("server.graceful-shutdown-timeout" => 5)
		include_shell "/usr/share/lighttpd/create-mime.conf.pl"
		include "/etc/lighttpd/conf-enabled/*.conf"
		server.modules += ("mod_staticfile")
	END
    cat >/etc/lighttpd/conf-available/50-site.conf <<-'END'
		server.modules += ("mod_accesslog", "mod_cgi")
		server.tag = "before"
		accesslog.filename = "/var/log/lighttpd/access.log"
		alias.url += ("/cgi-bin/" => "/srv/site/cgi-bin/")
		$HTTP["url"] =~ "^/cgi-bin/" { cgi.assign = (".sh" => "") }
	END
    ln -s ../conf-available/50-site.conf /etc/lighttpd/conf-enabled/50-site.conf
    install -d /srv/site /srv/site/html /srv/site/cgi-bin /srv/site/data
    cat >/srv/site/cgi-bin/words.sh <<-'END'
		#!/bin/sh
		printf 'Content-Type: text/plain\n\n'
		tr ' ' '\n' <"/srv/site/data/$QUERY_STRING" | sort | uniq -c | sed 's/^ *//'
	END
    chmod 755 /srv/site/cgi-bin/words.sh
    echo one >/srv/site/html/one.txt
    echo two >/srv/site/html/two.txt
    echo a rose is a rose >/srv/site/data/rose
    echo to be or not to be >/srv/site/data/be
}
get() { curl -sf -m 5 "http://127.0.0.1/$1"; }
ready() { get one.txt; }
request() {
    get one.txt | grep -x one
    get 'cgi-bin/words.sh?rose' | grep -x '2 rose'
}
replace() {
    for file in lighttpd.conf conf-available/50-site.conf; do
        cp -p "/etc/lighttpd/$file" "/etc/lighttpd/$file.new"
        sed -i 's/"before"/"replaced"/' "/etc/lighttpd/$file.new"
        mv "/etc/lighttpd/$file.new" "/etc/lighttpd/$file"
    done
    echo three >/srv/site/html/three.txt
    echo buffalo buffalo >/srv/site/data/buffalo
}
reload() {
    kill -USR1 "$PID"
    until curl -s -m 5 -D - http://127.0.0.1/one.txt | grep -i '^server: replaced'; do sleep 0.1; done
}
again() {
    get two.txt | grep -x two
    get three.txt | grep -x three
    get 'cgi-bin/words.sh?be' | grep -x '2 to'
    get 'cgi-bin/words.sh?buffalo' | grep -x '2 buffalo'
}
rotate() {
    for log in /var/log/lighttpd/*.log; do mv "$log" "$log.1"; done
    kill -HUP "$PID"
    until test -e /var/log/lighttpd/access.log -a -e /var/log/lighttpd/error.log; do sleep 0.1; done
}
rotated() {
    until grep -q three.txt /var/log/lighttpd/access.log; do sleep 0.2; done
}
