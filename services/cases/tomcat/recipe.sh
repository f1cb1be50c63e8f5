# Debian's server with one application: a static page, and one that is compiled when it is first asked for. Without
# -XX:-UsePerfData it would make a directory in /tmp at each start, which a rule cannot name beforehand.
APP=/var/lib/tomcat10/webapps/shop
prepare() {
    rm -rf /var/lib/tomcat10/webapps/ROOT
    sed -i 's/^\(tomcat.util.scan.StandardJarScanFilter.jarsToSkip=\).*/\1*.jar,\\/' /etc/tomcat10/catalina.properties
    install -d -o tomcat -g tomcat /var/lib/tomcat10/temp "$APP"
    sed -i 's/port="8080"/port="8080" address="127.0.0.1"/' /etc/tomcat10/server.xml
    echo one >"$APP/one.txt"
    echo '<%= 20 + 1 %>' >"$APP/sum.jsp"
}
get() { curl -sf -m 15 "http://127.0.0.1:8080/shop/$1"; }
ready() { curl -sf -m 2 http://127.0.0.1:8080/shop/one.txt; }
request() {
    get one.txt | grep -q one
    get sum.jsp | grep -q 21
}
replace() {
    echo two >"$APP/two.txt"
    echo '<%= 20 + 2 %>' >"$APP/other.jsp"
}
again() {
    get two.txt | grep -q two
    get other.jsp | grep -q 22
}
