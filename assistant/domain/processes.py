"""How directories of processes in /proc are spelled, so that they mean the same in every run.

The number of a process is another one next time. A rule on /proc/self is bound to the process that starts the
sandbox, which becomes the service's first: it holds for no other.
"""

import re


FIRST = "/proc/self"
"""The directory of the service's first process."""

OTHER = "/proc/[pid]"
"""The directory of any other process, or of one that is not known. No rule can stand on it, only on /proc."""

PROCESS = re.compile(r"/proc/(self|thread-self|[0-9]+)(?=/|$)")
"""The beginning of a path in the directory of a process, as programs and strace spell it."""
