"""Random inventories of a small world, and offers made of them: for properties of whatever a proposal becomes."""

from hypothesis import strategies as st

from assistant.domain.access import Evidence, Execution, Inventory, Kind, PathAccess, TraceSource, Verdict
from assistant.domain.host import FakeHost
from assistant.domain.offer import Offer
from assistant.domain.rights import FsRight
from assistant.drafting.offering import offer
from assistant.drafting.offline import Drafter, Options


R = FsRight
SOURCE = TraceSource("t", "0" * 64, 1, 1, 0, 0, complete=True)
DIRECTORIES = (
    *(
        "/etc/app",
        "/etc/app/conf.d",
        "/etc/ssl/certs",
        "/usr/lib/app",
        "/usr/lib/app/plug",
        "/usr/lib/x86_64-linux-gnu",
    ),
    *(
        "/usr/share/app",
        "/opt/app/bin",
        "/opt/app/lib",
        "/srv/shop/data",
        "/srv/shop/data/in",
        "/var/lib/app",
    ),
    *("/var/lib/app/db", "/var/log/app", "/var/log", "/run", "/run/app", "/tmp", "/home/kim/.ssh", "/etc"),
)
NAMES = ("a", "b.conf", "c.so", "d.log", "key.pem", "run.pid", "shadow", "x.py")
MANY = [
    f"{directory}/{number}.{end}"
    for directory in ("/srv/shop/data", "/usr/lib/app")
    for end in ("json", "so")
    for number in range(6)
]
FILES = [f"{directory}/{name}" for directory in DIRECTORIES for name in NAMES] + MANY
HOST = FakeHost(
    kinds=dict.fromkeys(FILES, Kind.FILE) | dict.fromkeys(DIRECTORIES, Kind.DIRECTORY),
    programs=frozenset(path for path in FILES if path.endswith(("/a", "/x.py"))),
)

ON_FILES = st.sampled_from(
    [R.READ_FILE, R.WRITE_FILE, R.READ_FILE | R.WRITE_FILE, R.EXECUTE | R.READ_FILE, R.TRUNCATE]
)
ON_DIRECTORIES = st.sampled_from(
    [R.READ_DIR, R.MAKE_REG, R.REMOVE_FILE | R.MAKE_REG, R.MAKE_DIR, R.MAKE_SOCK, R.READ_DIR | R.REMOVE_DIR]
)


@st.composite
def accesses(draw: st.DrawFn) -> PathAccess:
    """One access, of a file or of a directory, as a grounded inventory has them."""
    on_file = draw(st.booleans())
    path = draw(st.sampled_from(FILES if on_file else DIRECTORIES))
    return PathAccess(
        path,
        draw(ON_FILES if on_file else ON_DIRECTORIES),
        Kind.FILE if on_file else Kind.DIRECTORY,
        draw(st.sampled_from([Verdict.NEEDED, Verdict.NEEDED, Verdict.NEEDED, Verdict.POSSIBLE])),
        "ok",
        "openat",
        volatile=on_file and draw(st.integers(0, 4)) == 0,
        count=draw(st.integers(1, 9)),
        evidence=(Evidence("t", draw(st.integers(1, 999))),),
        actors=("/usr/sbin/app",),
        runs=(("t", 1),),
    )


@st.composite
def drafters(draw: st.DrawFn) -> Drafter:
    """A drafter of a random inventory."""
    started = PathAccess(
        "/opt/app/bin/a",
        R.EXECUTE | R.READ_FILE,
        Kind.FILE,
        Verdict.NEEDED,
        "ok",
        "execve",
        evidence=(Evidence("t", 1),),
    )
    alike = [
        draw(accesses())._replace(path=path, rights=R.READ_FILE, kind=Kind.FILE)
        for path in MANY[: draw(st.sampled_from([0, 6, 18]))]
    ]
    listed = (started, *draw(st.lists(accesses(), max_size=20)), *alike)
    inventory = Inventory(
        (SOURCE,), listed, executions=(Execution("/opt/app/bin/a", 1, (Evidence("t", 1),)),)
    )
    return Drafter(inventory, HOST, Options("app", 7))


def offered(drafter: Drafter) -> Offer:
    """What a drafter offers."""
    return offer(drafter, drafter.draft())
