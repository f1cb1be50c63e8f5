"""Names, descriptors and results as strace writes them: what other forms say is put into its words."""

from assistant.trace.text import AT_FDCWD


_SHORT = {0x09: rb"\t", 0x0A: rb"\n", 0x0B: rb"\v", 0x0C: rb"\f", 0x0D: rb"\r", 0x22: rb"\"", 0x5C: rb"\\"}


def escaped(name: bytes, *, also: bytes = b"") -> bytes:
    """A name with what is not printable ASCII in C or octal escapes, the short ones where they are clear."""
    out = []
    for place, code in enumerate(name):
        if code in _SHORT:
            out.append(_SHORT[code])
        elif 0x20 <= code < 0x7F and code not in also:  # noqa: PLR2004 - printable ASCII
            out.append(bytes([code]))
        else:
            # The short form would swallow a digit that follows.
            out.append(b"\\%03o" % code if name[place + 1 : place + 2].isdigit() else b"\\%o" % code)
    return b"".join(out)


def quoted(name: bytes) -> bytes:
    """A string argument."""
    return b'"' + escaped(name) + b'"'


def descriptor(number: int, note: bytes | None = None, *, device: str = "", deleted: bool = False) -> bytes:
    """A descriptor, with what it is when that is known: ``3</srv/a>``."""
    shown = b"AT_FDCWD" if number == AT_FDCWD and note is not None else b"%d" % number
    if note is None:
        return shown
    inside = escaped(note, also=b"<>") + (b"<" + device.encode("ascii", "replace") + b">" if device else b"")
    return shown + b"<" + inside + b">" + (b"(deleted)" if deleted else b"")


def failure(name: str) -> bytes:
    """The result of a call that failed with an errno of this name."""
    return b"-1 " + name.encode("ascii", "replace") + b" (-)"


def address(
    family: str, *, port: int = 0, host: str = "", path: bytes = b"", abstract: bool = False
) -> bytes:
    """A socket's address; ``host`` is shown, and means nothing to Landlock."""
    if family == "AF_UNIX":
        return b"{sa_family=AF_UNIX, sun_path=" + (b"@" if abstract else b"") + quoted(path) + b"}"
    host_shown = quoted(host.encode("ascii", "replace"))
    if family == "AF_INET":
        return b"{sa_family=AF_INET, sin_port=htons(%d), sin_addr=inet_addr(" % port + host_shown + b")}"
    if family == "AF_INET6":
        within = b"inet_pton(AF_INET6, " + host_shown + b", &sin6_addr), sin6_scope_id=0}"
        return b"{sa_family=AF_INET6, sin6_port=htons(%d), sin6_flowinfo=htonl(0), " % port + within
    return b"{sa_family=" + family.encode("ascii", "replace") + b"}"
