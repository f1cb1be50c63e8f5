"""Reads landrun's command line as landrun 0.1.18 does (urfave/cli: values are split at commas and trimmed)."""

from tests.render.readers.said import IsDirectory, Said, fitting, joined


_READ = {"read_file", "read_dir"}
_WRITE = _READ | {
    *("write_file", "truncate", "ioctl_dev", "remove_dir", "remove_file", "refer", "make_char", "make_dir"),
    *("make_reg", "make_sock", "make_fifo", "make_block", "make_sym"),
}
_BUNDLES = {
    "--ro": _READ,
    "--rox": _READ | {"execute"},
    "--rw": _WRITE,
    "--rwx": _WRITE | {"execute"},
    "--unix": _READ | {"resolve_unix"},
}
_ALL = _WRITE | {"execute", "resolve_unix"}
_TCP = {"--bind-tcp": "bind_tcp", "--connect-tcp": "connect_tcp"}
_NOT_SPACE_TO_GO = "\x1c\x1d\x1e\x1f"


def read(words: list[str], is_directory: IsDirectory) -> tuple[Said, list[str], set[str]]:
    """What landrun would do, the command, and the names of the variables that it would pass on."""
    cut = words.index("--")
    options, command = words[:cut], words[cut + 1 :]
    paths: list[tuple[str, set[str]]] = []
    ports: dict[int, frozenset[str]] = {}
    passed: set[str] = set()
    switches: set[str] = set()
    while options:
        flag = options.pop(0)
        if flag in ("--best-effort", "--unrestricted-network", "--unrestricted-scoped"):
            switches.add(flag)
            continue
        values = [_trimmed(value) for value in options.pop(0).split(",")]
        if flag in _BUNDLES:
            paths += [(value, set(fitting(value, _BUNDLES[flag], is_directory))) for value in values]
        elif flag in _TCP:
            for value in values:
                ports[int(value)] = ports.get(int(value), frozenset()) | {_TCP[flag]}
        else:
            assert flag == "--env", flag
            passed |= set(values)
    return (
        Said(
            frozenset(_ALL),
            frozenset() if "--unrestricted-network" in switches else frozenset(_TCP.values()),
            frozenset()
            if "--unrestricted-scoped" in switches
            else frozenset({"abstract_unix_socket", "signal"}),
            joined(paths),
            ports,
        ),
        command,
        passed,
    )


def _trimmed(value: str) -> str:
    kept = value
    while kept and kept[-1].isspace() and kept[-1] not in _NOT_SPACE_TO_GO:
        kept = kept[:-1]
    return kept.lstrip()
