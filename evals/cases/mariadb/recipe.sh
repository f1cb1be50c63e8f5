# mariadb as Debian ships it, with its logs in /var/log/mysql.
LOGS=/etc/mysql/mariadb.conf.d/60-logs.cnf
ask() { timeout 15 mariadb --no-defaults -S /run/mysqld/mysqld.sock -N -B -e "$1"; }
table() {
    ask "create or replace database $1;
        create table $1.words (number int primary key, word varchar(20), key (word));
        insert into $1.words values (7, 'word 7'), (9, 'word 9');
        create table $1.gone (number int);
        drop table $1.gone;
        create database $1_gone;
        drop database $1_gone;
        select word from $1.words where number = 7" | grep -x 'word 7'
}
prepare() {
    rm -rf /var/lib/mysql/* /var/log/mysql
    install -d -o mysql -g adm -m 2750 /var/log/mysql
    printf '[mysqld]\nlog_error = /var/log/mysql/error.log\ngeneral_log = 1\n' >"$LOGS"
    printf 'general_log_file = /var/log/mysql/mariadb.log\ninnodb_log_file_size = 8M\n' >>"$LOGS"
    mariadb-install-db --user=mysql --datadir=/var/lib/mysql --auth-root-authentication-method=socket --skip-test-db
}
boot() { install -d -o mysql -g root -m 755 /run/mysqld; }
ready() { ask 'select 1'; }
request() { table first; }
replace() {
    for file in 50-server.cnf 60-logs.cnf; do
        cp -p "/etc/mysql/mariadb.conf.d/$file" "/etc/mysql/mariadb.conf.d/$file.new"
        echo 'max_connections = 50' >>"/etc/mysql/mariadb.conf.d/$file.new"
        mv "/etc/mysql/mariadb.conf.d/$file.new" "/etc/mysql/mariadb.conf.d/$file"
    done
}
again() {
    ask 'select word from first.words where number = 9' | grep -x 'word 9'
    table second
}
rotate() {
    for log in /var/log/mysql/*.log; do mv "$log" "$log.1"; done
    kill -HUP "$PID"
    until test -e /var/log/mysql/error.log -a -e /var/log/mysql/mariadb.log; do sleep 0.1; done
}
rotated() { grep -q 'insert into second.words' /var/log/mysql/mariadb.log; }
