# The names are in drop/ask.py. Each is put, listed, read back, moved, bound as a socket, and half of them are dropped.
prepare() {
    mkdir -p /opt/drop /var/lib/drop/files
    cp "$RECIPE/drop/server.py" /opt/drop/
}
boot() { mkdir -p /run/drop; }
ask() { /usr/bin/python3 "$RECIPE/drop/ask.py" "$@"; }
ready() { ask ready; }
request() { ask first; }
replace() {
    cp -p /opt/drop/server.py /opt/drop/server.py.new
    echo '# A later release.' >>/opt/drop/server.py.new
    mv /opt/drop/server.py.new /opt/drop/server.py
}
again() { ask second; }
