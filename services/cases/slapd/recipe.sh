# An empty directory below dc=example, made from Debian's schemas.
ADMIN=(-x -H ldap://127.0.0.1/ -D cn=admin,dc=example -w secret)
prepare() {
    rm -rf /etc/ldap/slapd.d /var/lib/ldap/*
    install -d -o openldap -g openldap -m 755 /etc/ldap/slapd.d
    cat >/etc/ldap/first.conf <<-'END'
		include /etc/ldap/schema/core.schema
		modulepath /usr/lib/ldap
		moduleload back_mdb
		database config
		access to * by dn.exact=gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth manage
		database mdb
		suffix dc=example
		rootdn cn=admin,dc=example
		rootpw secret
		directory /var/lib/ldap
		index objectClass eq
	END
    slaptest -Q -f /etc/ldap/first.conf -F /etc/ldap/slapd.d || true
    chown -R openldap:openldap /etc/ldap/slapd.d /var/lib/ldap
}
boot() { install -d -o openldap -g openldap /run/slapd; }
ready() { ldapsearch -x -H ldap://127.0.0.1/ -b '' -s base; }
person() { printf 'dn: cn=%s,dc=example\nobjectClass: person\ncn: %s\nsn: %s\n' "$1" "$1" "$1"; }
request() {
    printf 'dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\no: shop\ndc: example\n' | ldapadd "${ADMIN[@]}" || test $? = 68
    person ada | ldapadd "${ADMIN[@]}" || test $? = 68
    ldapsearch "${ADMIN[@]}" -b dc=example cn=ada sn | grep -q 'sn: ada'
}
# Its configuration is changed through itself.
reload() {
    printf 'dn: cn=config\nchangetype: modify\nreplace: olcIdleTimeout\nolcIdleTimeout: 30\n' |
        ldapmodify -Q -Y EXTERNAL -H ldapi:///
}
again() {
    request
    person "grace$RANDOM" | ldapadd "${ADMIN[@]}"
    ldapsearch "${ADMIN[@]}" -b dc=example '(sn=grace*)' sn | grep -q 'sn: grace'
}
