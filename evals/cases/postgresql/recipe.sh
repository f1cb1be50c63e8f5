# A cluster as Debian makes it: data in /var/lib, configuration in /etc; the log is written by PostgreSQL itself.
BIN=/usr/lib/postgresql/15/bin
DATA=/var/lib/postgresql/15/main
CONF=/etc/postgresql/15/main
LOG=/var/log/postgresql/postgresql-15-main.log
as_postgres() { setpriv --reuid=postgres --regid=postgres --init-groups env -C / "$@"; }
ask() { as_postgres timeout 10 /usr/lib/postgresql/15/bin/psql -h /run/postgresql -v ON_ERROR_STOP=1 -qAt -c "$1" postgres; }
# A table with an index and rows, large enough to be sorted on disk; another that is dropped; a checkpoint.
table() {
    ask "drop table if exists $1;
        create table $1 (number int primary key, word text);
        insert into $1 select n, 'word ' || n from generate_series(1, 20000) n;
        create index on $1 (word);
        create table $1_gone as select * from $1;
        drop table $1_gone"
    ask "set work_mem = '64kB'; select word from $1 order by md5(word)" | sort -n | grep -x 'word 77'
    ask "update $1 set word = 'other' where number = 7"
    ask "vacuum $1"
    ask checkpoint
    ask "select word from $1 where number = 7" | grep -x other
}
prepare() {
    rm -rf /var/lib/postgresql/15 /etc/postgresql/15 /var/log/postgresql
    install -d -o postgres -g postgres -m 755 /var/lib/postgresql/15 /etc/postgresql/15 "$CONF"
    install -d -o root -g postgres -m 1775 /var/log/postgresql
    as_postgres "$BIN/initdb" -D "$DATA" --auth-local=peer --auth-host=scram-sha-256 -E UTF8 --locale=C.UTF-8 --no-sync
    for file in postgresql.conf pg_hba.conf pg_ident.conf; do mv "$DATA/$file" "$CONF/"; done
    install -d -o postgres -g postgres -m 755 "$CONF/conf.d"
    cat >>"$CONF/postgresql.conf" <<-END
		data_directory = '$DATA'
		hba_file = '$CONF/pg_hba.conf'
		ident_file = '$CONF/pg_ident.conf'
		external_pid_file = '/run/postgresql/15-main.pid'
		unix_socket_directories = '/run/postgresql'
		listen_addresses = '127.0.0.1'
		logging_collector = on
		log_directory = '/var/log/postgresql'
		log_filename = 'postgresql-15-main.log'
		log_statement = all
		autovacuum = off
		include_dir = 'conf.d'
	END
}
boot() { install -d -o postgres -g postgres -m 2775 /run/postgresql; }
ready() { "$BIN/pg_isready" -q -h /run/postgresql; }
request() { table first; }
replace() {
    for file in postgresql.conf pg_hba.conf; do cp -p "$CONF/$file" "$CONF/$file.new"; done
    sed -i 's/^max_connections = 100/max_connections = 50/' "$CONF/postgresql.conf.new"
    echo "log_connections = on" >>"$CONF/postgresql.conf.new"
    echo "# looked at" >>"$CONF/pg_hba.conf.new"
    for file in postgresql.conf pg_hba.conf; do mv "$CONF/$file.new" "$CONF/$file"; done
}
reload() {
    kill -HUP "$PID"
    until ask 'show log_connections' | grep -x on; do sleep 0.1; done
}
again() {
    ask 'select count(*) from first' | grep -x 20000
    table second
}
rotate() {
    mv "$LOG" "$LOG.1"
    as_postgres "$BIN/pg_ctl" logrotate -s -D "$DATA"
    until test -e "$LOG"; do sleep 0.1; done
}
rotated() { grep -q 'create index on second' "$LOG"; }
stop() { kill -INT "$PID"; }
