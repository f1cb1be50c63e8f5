"""Names that a reader cannot place for want of a call that was not traced: right when it says so."""

import os
from collections import defaultdict

from assistant.domain.access import Inventory, PathAccess, RemarkKind
from tests.trace.programs.meanings import encoded
from tests.trace.programs.observer import Done
from tests.trace.programs.performed import system_call
from tests.trace.programs.run import Performance


UNTRACKED = (RemarkKind.UNTRACKED, RemarkKind.UNTRACKED_DIRECTORY)


class Astray:
    """What may be put in a wrong place, because the trace lacks what a relative name depends on.

    Args:
        performance: What was performed, and how it was traced.
        inventory: What was read; it must say that directories or descriptors may be others than they seem.
    """

    def __init__(self, performance: Performance, inventory: Inventory) -> None:
        self._form = performance.form
        self.is_said = any(remark.kind in UNTRACKED for remark in inventory.remarks)
        self._names: dict[str, set[bytes]] = defaultdict(set)
        for done in performance.traced():
            if self.may_be(done):
                self._names[system_call(done)] |= {name.text for name in done.operation.names}

    def may_be(self, done: Done) -> bool:
        """Whether nobody could know where the names of an operation start."""
        if any(name.base is None for name in done.names) and not self._form.traces("close_range"):
            # It used what was closed unseen, and failed: nothing worth a word comes of it.
            return True
        relative = any(_is_relative(name.text) for name in done.operation.names)
        return relative and not self._form.whole and self.is_said

    def is_one(self, access: PathAccess) -> bool:
        """Whether an access may stem from such an operation."""
        last = os.path.basename(encoded(access.given or access.path))
        return any(
            last in name or os.path.basename(name) in (b"", b".", b"..") for name in self._names[access.call]
        )


def _is_relative(name: bytes) -> bool:
    """Whether a name depends on a working directory or a descriptor; those in /proc do as well."""
    return not name.startswith(b"/") or name.startswith((b"/proc/self", b"/dev/fd/", b"/dev/std"))
