"""Lists that allow or deny by name, as systemd merges their assignments: system calls, socket families.

Source: systemd.exec(5): the first assignment says whether the list allows or, with "~", denies; each later
one adds to it or takes away.
"""

from collections.abc import Mapping, Sequence


Groups = Mapping[str, frozenset[str]]
"""The members of each group ("@file-system"), groups in groups resolved."""


class Listing:
    """What a list of names lets through.

    Args:
        values: The assignments in order, behind the last empty one.
        groups: The groups that the names may be; None when they are not known.
        always: Members of every list that allows.

    Attributes:
        given: Whether there is a list at all; without one everything passes.
        allows_only: Whether it is a list of what is allowed.
        unknown: Groups in it that are not known. systemd passes over those that it does not know; when nobody
            knows what systemd knows, everything that they might hold is in doubt.
    """

    def __init__(
        self, values: Sequence[str], groups: Groups | None = None, always: frozenset[str] = frozenset()
    ) -> None:
        self.given = bool(values)
        self.allows_only = self.given and not values[0].startswith("~")
        self._groups = groups
        self._members = set(always) if self.allows_only else set[str]()
        self._perhaps_in = self._perhaps_out = False
        self.unknown: tuple[str, ...] = ()
        for value in values:
            adds = value.startswith("~") is not self.allows_only
            for word in value.removeprefix("~").split():
                self._take(word.partition(":")[0], adds=adds)

    def _take(self, name: str, *, adds: bool) -> None:
        named: frozenset[str] | None = frozenset({name})
        if name.startswith("@"):
            named = (self._groups or {}).get(name)
        if named is None:
            self.unknown = (*self.unknown, name)
            self._perhaps_in |= adds and self._groups is None
            self._perhaps_out |= not adds and self._groups is None
        elif adds:
            self._members |= named
        else:
            self._members -= named

    def passes(self, name: str) -> bool | None:
        """Whether a name passes; None when that hangs on a group whose members are not known."""
        if not self.given:
            return True
        inside = name in self._members
        if self._perhaps_out if inside else self._perhaps_in:
            return None
        return inside is self.allows_only
