"""Reads setpriv's Landlock options as util-linux does: rights are matched by their first letters."""

from tests.render.readers.said import IsDirectory, Said, joined


_FS = (
    *("execute", "write-file", "read-file", "read-dir", "remove-dir", "remove-file", "make-char", "make-dir"),
    *("make-reg", "make-sock", "make-fifo", "make-block", "make-sym", "refer", "truncate", "ioctl-dev"),
    "resolve-unix",
)
_NET = ("bind-tcp", "connect-tcp", "bind-udp", "connect-send-udp")
_SCOPE = ("abstract-unix-socket", "signal")
_FILE = {"execute", "write_file", "read_file", "truncate", "ioctl_dev", "resolve_unix"}


def read(words: list[str], is_directory: IsDirectory) -> tuple[Said, list[str]]:
    """What setpriv would do, and the command."""
    cut = words.index("--")
    options, command = words[:cut], words[cut + 1 :]
    assert options.pop(0) == "--no-new-privs"
    handled: dict[str, set[str]] = {"fs": set(), "net": set(), "scope": set()}
    paths: list[tuple[str, set[str]]] = []
    ports: dict[int, frozenset[str]] = {}
    for flag, value in zip(options[::2], options[1::2], strict=True):
        kind, rights, *rest = value.split(":", 2)
        if flag == "--landlock-access":
            assert not rest
            handled[kind] |= _matched(rights, {"fs": _FS, "net": _NET, "scope": _SCOPE}[kind])
        elif kind == "path-beneath":
            found = _matched(rights, _FS)
            assert is_directory(rest[0]) in (True, None) or found <= _FILE, "the kernel says EINVAL"
            paths.append((rest[0], found))
        else:
            assert (flag, kind) == ("--landlock-rule", "net-port")
            ports[int(rest[0])] = ports.get(int(rest[0]), frozenset()) | _matched(rights, _NET)
    assert handled["net"] or not ports, "setpriv stops at a rule whose kind is not handled"
    sets = [frozenset(handled[kind]) for kind in ("fs", "net", "scope")]
    return Said(sets[0], sets[1], sets[2], joined(paths), ports), command


def _matched(rights: str, table: tuple[str, ...]) -> set[str]:
    assert rights, "without rights setpriv means all of them"
    return {
        next(name for name in table if name.startswith(word)).replace("-", "_") for word in rights.split(",")
    }
