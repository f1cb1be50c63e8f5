"""The user that a command runs as. Found before the sandbox, which may forbid to read the lists of users."""

import os
import pwd
from dataclasses import dataclass

from assistant.errors import UsageError


@dataclass(frozen=True, slots=True)
class Account:
    """User, group and supplementary groups by number."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]

    def become(self) -> None:
        """Make this process the user's. There is no way back."""
        os.setgroups(self.groups)
        os.setresgid(self.gid, self.gid, self.gid)
        os.setresuid(self.uid, self.uid, self.uid)


def find_account(user: str) -> Account | None:
    """The account of a user; None for no name: ourselves.

    Raises:
        UsageError: there is no such user, or we are not root.
    """
    if not user:
        return None
    try:
        entry = pwd.getpwnam(user)
    except (KeyError, ValueError):
        raise UsageError(f"there is no user {user!a}", hint="see: getent passwd") from None
    if os.geteuid() != 0 and entry.pw_uid != os.geteuid():
        raise UsageError("running as another user takes root", hint="use sudo, or test as that user")
    if os.geteuid() != 0:
        return None
    groups = os.getgrouplist(entry.pw_name, entry.pw_gid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, tuple(groups))
