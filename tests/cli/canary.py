"""A program that uses forty names nobody outside may see, in every kind of call that a trace shows.

``python canary.py DIRECTORY`` is traced by tests/cli/test_canaries.py, which looks for the names afterwards.
"""

import os
import socket
import subprocess
import sys
from pathlib import Path


FILES = (
    "kundendaten/zorbatech-gmbh/ledger.db",
    "srv/quuxbank/eu-west/db07.quuxbank.internal.sock.txt",
    "home/petronella.vanwinkle/.config/settings.json",
    "cases/2026-CRIM-88231/smith_vs_oglethorpe.pdf",
    "backup/fjordline-prod-20261103.sql.gz",
    "uploads/ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8/x",
    "keys/AKIAQQZZ7XKEXAMPLE99",
    "mail/ingrid.halvorsen@fjordline.example/inbox",
    "hosts/kestrel-12.dc3.fjordline.net.conf",
    "net/fe80--9c4d-21ff-fe77-0a3b/leases",
    "net/2a0b:4c81:77aa:1::53/zone",
    "net/10.77.203.19/state",
    "devices/9e:7c:41:d2:05:bb/last",
    "tenants/6f1d2c3b-9a8e-4d7c-b6a5-f4e3d2c1b0a9/quota",
    "repos/projekt-eisvogel.git/HEAD",
    "Träumerei/Überweisung-Müllerhoff.csv",
    "logs/haruto_watanabe_session.log",
    "patients/P-7749213/scan.dcm",
)
RENAMED = ("spool/order-vandelay-991.tmp", "spool/order-vandelay-991.done")
ABSTRACT = "acme-kontrolle/vermeer-session-4471"
SOCKETS = ("run/ctl-blauwal.sock",)
ARGUMENTS = ("--password=Hunter2Sommerregen", "--token=xoxb-99887766-Zebrafinken", "--customer=Nordmannfisk")
CONTENTS = b"card 4929123412341234 owner Theodora Quill secret=Kirschbluetenwind\n"
ADDRESS = ("127.77.203.91", 9)

CANARIES = (
    *("zorbatech", "quuxbank", "eu-west", "db07", "petronella", "vanwinkle", "CRIM-88231", "oglethorpe"),
    *("fjordline", "ghp_A1b2C3d4", "AKIAQQZZ7XK", "ingrid", "halvorsen", "kestrel-12", "dc3", "9c4d-21ff"),
    *("2a0b:4c81", "10.77.203.19", "9e:7c:41", "6f1d2c3b", "eisvogel", "Träumerei", "Müllerhoff", "haruto"),
    *("watanabe", "P-7749213", "vandelay", "vermeer", "4471", "blauwal", "Hunter2Sommerregen", "Zebrafinken"),
    *("Nordmannfisk", "4929123412341234", "Theodora", "Kirschbluetenwind", "127.77.203.91", "kundendaten"),
    *("smith_vs", "acme-kontrolle", "20261103"),
)
"""What must not leave, in any case and in the usual encodings."""


def main(root: Path) -> None:
    """Use all the names."""
    os.chdir(root)
    for name in FILES:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(CONTENTS)
        Path(name).read_bytes()
    Path(RENAMED[0]).parent.mkdir()
    Path(RENAMED[0]).write_bytes(CONTENTS)
    Path(RENAMED[0]).rename(RENAMED[1])
    Path(SOCKETS[0]).parent.mkdir()
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        one.bind(f"\0{ABSTRACT}")
        other.bind(SOCKETS[0])
    with socket.socket() as client:
        client.connect_ex(ADDRESS)
    subprocess.run(["/bin/true", *ARGUMENTS], check=True, env={"SECRET": "Kirschbluetenwind"})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
