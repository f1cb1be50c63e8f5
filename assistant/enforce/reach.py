"""What a ruleset reaches on this machine's real objects. Looks at metadata only, opens nothing.

By inode, as the kernel does it: names differ through links and bind mounts, objects do not.
"""

import stat
from pathlib import Path

from assistant.domain.access import parent
from assistant.domain.rights import NO_FS, ON_FILE, FsRight
from assistant.domain.ruleset import Ruleset


_Inode = tuple[int, int]


class InodeReach:
    """Rights on existing objects: those of the rules on an object and on each directory above it.

    Args:
        ruleset: Rules on paths that do not exist reach nothing.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self._rules: dict[_Inode, FsRight] = {}
        self._inside: dict[str, FsRight] = {}
        for path, rights in ruleset.paths().items():
            try:
                info = Path(path).stat()
            except OSError:
                continue
            access = rights if stat.S_ISDIR(info.st_mode) else rights & ON_FILE
            inode = (info.st_dev, info.st_ino)
            self._rules[inode] = self._rules.get(inode, NO_FS) | access

    def rights(self, path: str) -> FsRight:
        """All rights on an absolute path without symbolic links."""
        above = NO_FS if path == "/" else self._of_directory(parent(path))
        return above | self._own(path)

    def _of_directory(self, path: str) -> FsRight:
        if path not in self._inside:
            self._inside[path] = self.rights(path)
        return self._inside[path]

    def _own(self, path: str) -> FsRight:
        try:
            info = Path(path).lstat()
        except OSError:
            return NO_FS
        return self._rules.get((info.st_dev, info.st_ino), NO_FS)
