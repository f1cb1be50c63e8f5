#!/bin/sh
# Byte-compiles a library and runs small programs that import much.   python.sh PLACE ROUND
set -e
cp -r "$1/library" "$2/library"
/usr/bin/python3 -m compileall -q "$2/library"
for modules in asyncio,http.server,xml.dom.minidom json,logging.config,email.mime.text,ssl unittest.mock,decimal; do
    PYTHONPATH="$2/library" /usr/bin/python3 -c "import $modules"
    PYTHONPATH="$2/library" /usr/bin/python3 -B -X importtime -c "import $modules"
done
