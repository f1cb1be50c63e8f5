"""A directory of recordings: RUN.trace with RUN.json beside it.

Both appear whole or not at all, and only their owner may read them: a trace shows every path, and the command
may hold a password.
"""

import contextlib
import errno
import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.errors import RecordError, UsageError


if TYPE_CHECKING:
    from assistant.domain.recording import Recording

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_PACKED = re.compile(r"\.(?:gz|zst|xz|bz2)$")
_LONGEST = 1 << 20


class Draft:
    """A trace that is being recorded, under a hidden name until it is kept.

    Args:
        directory: Made if it is missing, for its owner alone.
        run: The name of the run.
        replace: Whether an existing run of that name may be replaced.

    Raises:
        UsageError: the name is none, the run exists, or the directory cannot be written.
    """

    def __init__(self, directory: Path, run: str, *, replace: bool) -> None:
        if not _NAME.fullmatch(run):
            raise UsageError(
                f"{run!a} is no name for a run",
                hint="letters, digits and . _ @ + -, a letter or digit first",
            )
        self.trace, self.metadata = directory / f"{run}.trace", directory / f"{run}.json"
        self._replace = replace
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._refuse_existing(run)
            self.descriptor, self._hidden = tempfile.mkstemp(dir=directory, prefix=f".{run}.", suffix=".part")
        except OSError as error:
            raise UsageError(
                f"{str(directory)!a} cannot hold recordings",
                why=error.strerror or str(error),
                hint="name another directory with -o",
            ) from error

    def _refuse_existing(self, run: str) -> None:
        for path in (self.trace, self.metadata):
            if not self._replace and os.path.lexists(path):
                raise UsageError(
                    f"{str(path)!a} exists",
                    hint=f"name this run with --run (say {run}-2), or give --replace",
                )

    @property
    def output(self) -> str:
        """What strace writes to: the open file itself, whatever happens to its name meanwhile."""
        return f"/proc/{os.getpid()}/fd/{self.descriptor}"

    def keep(self, made: "Recording") -> None:
        """Give the trace its name and write the metadata.

        Raises:
            RecordError: it cannot; the message says where the trace is.
        """
        try:
            os.fsync(self.descriptor)
            _name(self._hidden, self.trace, replace=self._replace)
            descriptor, hidden = tempfile.mkstemp(
                dir=self.trace.parent, prefix=f".{made.run}.", suffix=".part"
            )
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(made.as_json())
                file.flush()
                os.fsync(descriptor)
            _name(hidden, self.metadata, replace=self._replace)
        except OSError as error:
            left = self.trace if not os.path.lexists(self._hidden) else self._hidden
            raise RecordError(
                "the recording could not be put in its place",
                why=error.strerror or str(error),
                hint=f"the trace is {str(left)!a}",
            ) from error
        finally:
            os.close(self.descriptor)

    def drop(self) -> None:
        """Remove what there is."""
        os.close(self.descriptor)
        with contextlib.suppress(OSError):
            os.unlink(self._hidden)


def _name(hidden: str, final: Path, *, replace: bool) -> None:
    """Rename, and never over a file that came meanwhile unless that was asked for."""
    if not replace:
        try:
            os.link(hidden, final)
            os.unlink(hidden)
        except OSError as error:
            # Some file systems have no second names.
            if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
                raise
        else:
            return
    os.replace(hidden, final)


def name_of(program: str) -> str:
    """What to call a run of a program when nobody said."""
    name = re.sub(r"[^A-Za-z0-9._@+-]", "_", os.path.basename(program)).lstrip("._@+-")
    return name[:100] or "run"


def recording_of(trace: Path) -> "Recording | None":
    """What was written beside a trace when it was recorded; None when nothing was, or for another trace.

    A packed trace (RUN.trace.gz) has the metadata of RUN.trace.

    Raises:
        InputError: the file beside it says that it is a recording, and is none that can be read.
    """
    packed = _PACKED.search(trace.name)
    name = _PACKED.sub("", trace.name)
    if not name.endswith(".trace"):
        return None
    beside = trace.with_name(name.removesuffix(".trace") + ".json")
    try:
        if not beside.is_file():
            return None
        # A trace that was not recorded here has none beside it, and does not wait for the model of one.
        from assistant.domain import recording

        with beside.open("rb") as file:
            text = file.read(_LONGEST).decode("ascii")
        made = recording.load(text, source=f"{str(beside)!a}")
        if made is None or (not packed and trace.stat().st_size != made.size):
            return None
    except (OSError, UnicodeDecodeError):
        return None
    return made
