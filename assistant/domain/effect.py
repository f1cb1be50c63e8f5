"""What a kernel would enforce of a ruleset, and nothing else: no prose, no order, no author.

The digest that approvals are bound to is over exactly this.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.domain.rights import NO_NET, FsRight, NetRight, Scope, known_at, names


_ALL_FS, _ALL_NET, _ALL_SCOPES = ~FsRight(0), ~NetRight(0), ~Scope(0)
_names = cache(names)


@dataclass(frozen=True, slots=True)
class Effect:
    """The part of a ruleset that the kernel is told.

    Attributes:
        target_abi: All rights up to this ABI are handled: denied where no rule grants them.
        scope: The scopes that are on.
        paths: Rights by absolute path; each holds for the path and all that lies beneath it.
        ports: Rights by port.
        made: Directories that the launcher makes where they are missing: path, and mode and owner; sorted.
    """

    target_abi: int
    scope: Scope
    paths: Mapping[str, FsRight]
    ports: Mapping[int, NetRight]
    made: tuple[tuple[str, str], ...] = ()

    def digest(self) -> str:
        """``sha256:...`` over target ABI, scopes, paths, ports and what is made, in canonical order."""
        grants: dict[str, Any] = {
            "target_abi": self.target_abi,
            "scope": [scope in self.scope for scope in Scope],
            "path": sorted(
                [path.encode("utf-8", "surrogateescape").hex(), _names(rights)]
                for path, rights in self.paths.items()
            ),
            "port": sorted([port, _names(rights)] for port, rights in self.ports.items()),
        }
        if self.made:
            grants["made"] = self.made
        text = json.dumps(grants, separators=(",", ":"), ensure_ascii=True)
        return "sha256:" + hashlib.sha256(text.encode("ascii")).hexdigest()

    @property
    def handled(self) -> FsRight:
        """Rights on files that the kernel is told of: none newer than the target ABI."""
        return known_at(FsRight, self.target_abi)

    @property
    def unhandled(self) -> FsRight:
        """Rights on files that are denied nowhere, for they are newer than the target ABI.

        Moving between directories (refer) is denied by every sandbox for files, also where it is not handled.
        """
        return _ALL_FS & ~self.handled & ~FsRight.REFER

    @property
    def handled_on_ports(self) -> NetRight:
        """Rights on ports that the kernel is told of."""
        return known_at(NetRight, self.target_abi)

    @property
    def any_port(self) -> NetRight:
        """Rights on every port, whether a rule names it or not: those newer than the target ABI."""
        return _ALL_NET & ~self.handled_on_ports

    def on_port(self, port: int) -> NetRight:
        """All rights on one port."""
        return self.any_port | self.ports.get(port, NO_NET)

    @property
    def closed_scopes(self) -> Scope:
        """Scopes that are on and that the kernel is told of."""
        return self.scope & known_at(Scope, self.target_abi)

    @property
    def open_scopes(self) -> Scope:
        """Scopes that do not cut the domain off: switched off, or newer than the target ABI."""
        return _ALL_SCOPES & ~self.closed_scopes
