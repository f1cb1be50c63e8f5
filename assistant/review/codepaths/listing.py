"""All code paths of one service, in the order of its life, each with what the traces say of it."""

from collections.abc import Iterator, Mapping, Sequence

from assistant.domain.codepath import CodePath, CodePaths, Exercised, PackageFile
from assistant.domain.unit import Unit
from assistant.review.codepaths.jobs import of_cron, of_scripts, of_timers
from assistant.review.codepaths.logrotate import of_logrotate
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.unit import of_unit
from assistant.review.codepaths.witness import Witness


_ALWAYS = (
    ("first-start", "starts for the first time, with no state", "with its state directories moved away"),
    ("peer-fails", "goes on, or gives up, when a peer fails", "stop what it connects to, and start it again"),
    (
        "no-room",
        "goes on when the disk is full",
        "fill the file system that it writes to, and empty it again",
    ),
    ("crash", "starts again after it was killed", ""),
)
"""What every service meets some day, and no trace tells from a normal run."""


def code_paths(
    service: str,
    unit: Unit | None,
    files: Sequence[PackageFile],
    scripts: Mapping[str, Sequence[PackageFile]],
    witness: Witness,
    recorder: Recorder,
) -> CodePaths:
    """List them.

    Args:
        service: What to call it.
        unit: Its unit, specifiers expanded; None: only what every service does is listed.
        files: Files of its packages that name code paths.
        scripts: The maintainer scripts of each package.
        witness: The recorded runs.
        recorder: Writes the commands.
    """
    found = [
        *_life(unit, witness, recorder),
        *_of_files(files, witness, recorder),
        *(path for name, own in scripts.items() for path in of_scripts(name, own, witness, recorder)),
        *_always(witness, recorder),
    ]
    unread = tuple(f"{file.path} could not be read" for file in files if file.text is None)
    return CodePaths(service, tuple(found), unread)


def _life(unit: Unit | None, witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    if unit is None:
        # Without a unit it still starts and stops, as any service does.
        unit = Unit("", ())
    yield from of_unit(unit, witness, recorder)


def _of_files(files: Sequence[PackageFile], witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    for file in files:
        if file.path.startswith("/etc/logrotate.d/"):
            yield from of_logrotate(file, witness, recorder)
    for file in files:
        if file.path.startswith("/etc/cron.") and file.text is not None:
            yield from of_cron(file, witness, recorder)
    yield from of_timers(
        [file for file in files if file.path.endswith((".timer", ".service"))], witness, recorder
    )


def _always(witness: Witness, recorder: Recorder) -> Iterator[CodePath]:
    why = "no trace was given" if witness.inventory is None else "a trace does not tell it from a normal run"
    for name, title, doing in _ALWAYS:
        record = recorder.service(name, "--timeout", "60")
        meanwhile = doing or recorder.signal("SIGKILL")
        yield CodePath(name, title, "every service", Exercised.UNKNOWN, why, (), record, meanwhile)
