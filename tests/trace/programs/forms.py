"""The many ways in which the same programs are traced."""

from dataclasses import dataclass
from random import Random


_RECOMMENDED = (
    "%file,%process,%network,ioctl,ftruncate,fchdir,dup,dup2,dup3,fcntl,close,close_range,getdents64,"
    "open_by_handle_at,memfd_create,unshare,setns"
)
_CLOCKS = (("-tt",), ("-ttt",), ("-ttt", "-T"))
_OTHER_TIMES = ((), (), (), ("-t",), ("-r",), ("-T",), ("-r", "-T"))
_CLASSES = "%file,%desc,%process,%network"
_NO_COPIES = "%file,%process,%network"
_UNTRACED = {
    _RECOMMENDED: frozenset({"fstat"}),
    _CLASSES: frozenset({"close_range"}),
    _NO_COPIES: frozenset(
        ("dup", "dup2", "dup3", "fcntl", "close", "close_range", "fchdir", "ftruncate", "getdents64", "fstat")
    ),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How strace is run.

    Attributes:
        options: Its options, without those for the output.
        piped: The output goes through a command.
        annotated: Descriptors are annotated with what they are (-y, -yy).
        whole: All calls that a path depends on are traced. A descriptor that an untraced call closes does no
            harm: to use it is EBADF.
        calls: The only calls that are traced; None for more than can be listed.
        untraced: Calls that programs make and that are not traced.
        parted: Each thread has a file of its own (-ff).
        failures: Failed calls are traced too.
    """

    options: tuple[str, ...]
    piped: bool = False
    annotated: bool = False
    whole: bool = True
    calls: tuple[str, ...] | None = None
    failures: bool = True
    untraced: frozenset[str] = frozenset()
    parted: bool = False

    def traces(self, call: str) -> bool:
        """Whether a call of this name is in the trace."""
        return call not in self.untraced and (self.calls is None or call in self.calls)

    @property
    def command(self) -> tuple[str, ...]:
        """The command before -o."""
        return ("strace", *self.options)


def make_form(random: Random, *, stacks: bool) -> Form:
    """A random combination of options that work together; ``stacks``: this strace was built with -k."""
    # Without a clock to a fraction of a second nobody can tell which thread was first.
    parted = random.random() < 0.2
    clocks = _CLOCKS if parted else (*_CLOCKS, *_OTHER_TIMES)
    options = ["-ff" if parted else "-f"]
    notes = random.choice(((), ("-y",), ("-yy",)))
    options += notes
    options += random.choice(clocks)
    options += random.choice(((), ("-x",), ("-xx",)))
    options += random.choice(((), (), ("-s", "0"), ("-s", "4096")))
    for option, chance in (("-v", 0.3), ("-i", 0.1), ("-n", 0.1), ("--decode-pids=comm", 0.2), ("-k", 0.1)):
        options += [option] if random.random() < chance and (stacks or option != "-k") else []
    failures = random.random() > 0.1
    options += [] if failures else ["-z"]
    traced = random.choice((None, _RECOMMENDED, _RECOMMENDED, _CLASSES, _NO_COPIES, "small"))
    calls = ("openat", "open", "connect") if traced == "small" else None
    if traced is not None:
        options += ["-e", "trace=" + (",".join(calls) if calls else traced)]
    if traced is not None and random.random() < 0.3:
        options.append("--seccomp-bpf")
    whole = traced not in (_NO_COPIES, "small")
    untraced = _UNTRACED.get(traced or "", frozenset())
    piped = not parted and random.random() < 0.2
    return Form(tuple(options), piped, bool(notes), whole, calls, failures, untraced, parted)
