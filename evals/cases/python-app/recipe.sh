# An application of one's own, put into /opt as a deployment does: modules, their bytecode, templates.
prepare() {
    mkdir -p /etc/notes /opt/notes /var/lib/notes /var/log/notes
    cp -r "$RECIPE/notes" "$RECIPE/templates" /opt/notes/
    python3 -m compileall -q /opt/notes/notes
    printf '[notes]\nport = 8080\ntitle = Notes of One\n' >/etc/notes/notes.ini
}
call() { curl -sf -m 5 "http://127.0.0.1:8080$1" "${@:2}"; }
until_told() {
    until call /page/about | grep -q "$1"; do sleep 0.1; done
}
ready() { call /page/about; }
request() {
    call /page/about | grep -q 'Notes of One'
    call /note/milk -d 'buy two litres'
    call /note/milk | grep -q 'buy two litres'
}
replace() {
    cp -p /etc/notes/notes.ini /etc/notes/notes.ini.new
    sed -i 's/One/Two/' /etc/notes/notes.ini.new
    mv /etc/notes/notes.ini.new /etc/notes/notes.ini
    cp -p /opt/notes/templates/note.html /opt/notes/templates/note.html.new
    sed -i 's/<p>/<p>Reads: /' /opt/notes/templates/note.html.new
    mv /opt/notes/templates/note.html.new /opt/notes/templates/note.html
    echo '<h1>$title: contact</h1>' >/opt/notes/templates/contact.html
    cp -p /opt/notes/notes/store.py /opt/notes/notes/store.py.new
    echo '# A later release.' >>/opt/notes/notes/store.py.new
    mv /opt/notes/notes/store.py.new /opt/notes/notes/store.py
}
reload() { kill -HUP "$PID" && until_told 'Notes of Two'; }
again() {
    call /page/contact | grep -q 'Notes of Two: contact'
    call /note/bread -d 'a dark one'
    call /note/bread | grep -q 'Reads: a dark one'
}
rotate() { mv /var/log/notes/notes.log /var/log/notes/notes.log.1; }
rotated() { grep -q 'GET /note/bread' /var/log/notes/notes.log; }
