"""Reads the environment as samples/landlock/sandboxer.c of Linux 6.12 does."""

from collections.abc import Mapping

from tests.render.readers.said import IsDirectory, Said, fitting, joined


_RO = {"execute", "read_file", "read_dir"}
_RW = _RO | {
    *(
        "write_file",
        "remove_dir",
        "remove_file",
        "make_char",
        "make_dir",
        "make_reg",
        "make_sock",
        "make_fifo",
    ),
    *("make_block", "make_sym", "refer", "truncate", "ioctl_dev"),
}


def read(variables: Mapping[str, str], is_directory: IsDirectory) -> Said:
    """What the sandboxer would do; it stops when one of the two lists of paths is not set."""
    pairs = [
        (path, set(fitting(path, bundle, is_directory)))
        for variable, bundle in (("LL_FS_RO", _RO), ("LL_FS_RW", _RW))
        for path in (variables[variable].split(":") if variables[variable] else [])
    ]
    ports: dict[int, frozenset[str]] = {}
    net = set()
    for variable, right in (("LL_TCP_BIND", "bind_tcp"), ("LL_TCP_CONNECT", "connect_tcp")):
        if variable in variables:  # An empty list forbids all; no list forbids nothing.
            net.add(right)
            for port in filter(None, variables[variable].split(":")):
                ports[int(port)] = ports.get(int(port), frozenset()) | {right}
    letters = variables.get("LL_SCOPED", "")
    scopes = {"a": "abstract_unix_socket", "s": "signal"}
    scope = frozenset(scopes[letter] for letter in letters.split(":") if letter)
    return Said(frozenset(_RW), frozenset(net), scope, joined(pairs), ports)
