"""What system calls mean, one module per family. Each names its calls in CALLS: name to function."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.domain.access import Evidence, Kind, RemarkKind, Verdict
from assistant.domain.rights import FsRight
from assistant.trace.inventory import Collector, Observation
from assistant.trace.line import Call
from assistant.trace.state import Process, State, Unresolved
from assistant.trace.text import Descriptor, descriptor, string


__all__ = ["Handler", "Scene"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One call with all that it takes to understand it."""

    call: Call
    process: Process
    state: State
    collector: Collector
    evidence: Evidence

    def argument(self, index: int) -> bytes:
        """An argument's raw text, empty when the call has fewer."""
        return self.call.arguments[index] if index < len(self.call.arguments) else b""

    def name(self, index: int) -> str | None:
        """A path argument; None when it is NULL or a pointer that strace could not read."""
        return string(self.argument(index))

    def descriptor(self, index: int) -> Descriptor | None:
        """A descriptor argument."""
        return descriptor(self.argument(index))

    def path(self, name_index: int, base_index: int | None = None, *, needed: bool = True) -> str | None:
        """The absolute path of an argument, or None; that it is not known is said where a right is needed."""
        name = self.name(name_index)
        if name is None:
            return None
        base = None if base_index is None else self.descriptor(base_index)
        try:
            return self.state.absolute(self.process, base, name)
        except Unresolved:
            if needed:
                self.collector.remark(RemarkKind.UNRESOLVED, f"{self.call.name} {name}", self.evidence)
            return None

    def entry(self, name_index: int, base_index: int | None = None) -> str | None:
        """The absolute path of a name that is to be made, moved or removed; None for "." and "..".

        The kernel refuses those before it asks anybody.
        """
        name = (self.name(name_index) or "").rstrip("/")
        if name.rpartition("/")[2] in (".", ".."):
            return None
        return self.path(name_index, base_index)

    def strange(self, kind: str) -> None:
        """Say that an argument was not understood."""
        self.collector.strange(kind, b", ".join(self.call.arguments), self.evidence)

    def need(self, need: Observation) -> None:
        """Record what the call needs."""
        self.collector.need(need, self.evidence, self.process.actor)

    def need_in_parent(
        self, name: str, rights: FsRight, verdict: Verdict, outcome: str, *, final: bool = False
    ) -> None:
        """Record rights on the directory that holds ``name``: entries are made and removed there."""
        directory = name.rpartition("/")[0] or "/"
        self.need(
            Observation(
                directory,
                rights,
                verdict,
                outcome,
                self.call.name,
                kind=Kind.DIRECTORY,
                given=name,
                final=final,
            )
        )

    def changes(self, name: str, *, exists: bool) -> None:
        """The name came into being, was replaced, or went: no rule can be bound to the object itself."""
        self.state.exists[name] = exists
        self.need(
            Observation(name, FsRight(0), Verdict.NEEDED, "ok", self.call.name, volatile=True, follows=False)
        )


Handler = Callable[[Scene], None]
