"""Keeps files under names that strangers choose. It takes one request a connection: VERB and names in hex."""

import os
import signal
import socket
import subprocess
import sys


PLACE = b"/var/lib/drop/files"
SOCKETS = b"/run/drop"
FRONT = SOCKETS + b"/front"


def _beneath(name: bytes) -> bytes:
    if name.startswith(b"/") or b".." in name.split(b"/"):
        raise PermissionError(name)
    return PLACE + b"/" + name


def _put(name: bytes) -> bytes:
    path = _beneath(name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + b"~", "wb") as file:
        file.write(b"of " + name)
    os.rename(path + b"~", path)
    # A child in a directory of a stranger's name, which opens a file of a stranger's name.
    summed = subprocess.run(
        ["/usr/bin/md5sum", b"./" + os.path.basename(path)],
        cwd=os.path.dirname(path),
        capture_output=True,
        check=True,
    )
    return b"kept " + summed.stdout[:33].lstrip(b"\\")[:8]


def _get(name: bytes) -> bytes:
    with open(_beneath(name), "rb") as file:
        return file.read()


def _list(name: bytes) -> bytes:
    return b"\n".join(entry.hex().encode() for entry in sorted(os.listdir(os.path.dirname(_beneath(name)))))


def _drop(name: bytes) -> bytes:
    os.unlink(_beneath(name))
    return b"dropped"


def _bind(name: bytes) -> bytes:
    path = SOCKETS + b"/" + name
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path)
    os.unlink(path)
    return b"bound"


VERBS = {b"PUT": _put, b"GET": _get, b"LIST": _list, b"DROP": _drop, b"BIND": _bind}


def _answer(line: bytes) -> bytes:
    verb, _, name = line.strip().partition(b" ")
    wanted = bytes.fromhex(name.decode())
    sys.stderr.buffer.write(verb + b" " + wanted + b"\n")
    sys.stderr.buffer.flush()
    try:
        return VERBS[verb](wanted)
    except OSError as error:
        return f"failed: {error.errno}".encode()


def main() -> None:
    """Serve until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.socket(socket.AF_UNIX) as front:
        front.bind(FRONT)
        front.listen()
        try:
            while True:
                peer, _ = front.accept()
                with peer, peer.makefile("rb") as lines:
                    peer.sendall(_answer(lines.readline()))
        finally:
            os.unlink(FRONT)


main()
