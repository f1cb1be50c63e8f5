"""What the drafter pays for: every weight with its name and reason. Three settings of tightness."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Weights:
    """Costs of one unit each. Lower total cost is a better draft.

    Attributes:
        rule: Every rule is a line that a person must read.
        read_public: A file that a package ships, readable though never read.
        public_limit: However many packaged files lie in a directory, and be it an unknown number, this is all
            that reading them costs: they are the same on every machine.
        read_kernel: Reading a directory of what the kernel tells every process.
        read_private: Any other file, readable though never read.
        read_own: A file in a directory of the service's own, likewise.
        own_limit: However many files lie in the service's own directory, or in an application that it runs,
            and be it an unknown number, this is all that reading them costs.
        private_name: A file whose name says key or password, readable though never read. Only where nothing
            else can hold a need.
        private_own: The same in a directory of the service's own: reading its configuration again after an
            edit outweighs that a key of its own, unused so far, is readable too. The report names it.
        reaches: A directory beneath which lies what is always refused (credentials, ways out). Likewise.
        execute_directory: Executing by directory instead of by file.
        execute: A program that may be run though it never was.
        write_own: A file in the service's own directory, writable though never written.
        write_private: Any other file, writable though never written.
        write_public: A file that a package ships, likewise.
        read_beyond: Reading by a directory of which only deeper ones were used: new names are opened. Not
            where the service lists it, and so finds them itself.
        write_beyond: The same for writing: a rule above the directories that the service really writes.
        unknown: A directory whose contents cannot be counted (/sys, another machine).
        fragile: A rule on a single file in a directory that cannot be granted: it dies with the file.
        fragile_inside: The same where the directory could be granted instead.
        fragile_program: A rule on a single program, or file of a package: after an upgrade, restart.
        fragile_library: A rule on a single shared library: an upgrade changes its name and the rule is void.
        unmet: A right that only another reading of the trace needs, left out.
        write_and_execute: Rules that make something both writable and executable.
        execute_beside_write: The same for everything in a directory, new files included.
    """

    rule: float = 1.0
    read_public: float = 0.0008
    public_limit: float = 1.5
    read_kernel: float = 0.9
    read_private: float = 0.25
    read_own: float = 0.05
    own_limit: float = 2.5
    private_name: float = 10_000.0
    private_own: float = 2.5
    reaches: float = 1_000_000.0
    execute_directory: float = 2.0
    execute: float = 0.5
    write_own: float = 0.05
    write_private: float = 1.0
    write_public: float = 5.0
    read_beyond: float = 0.7
    write_beyond: float = 4.0
    unknown: float = 8.0
    fragile: float = 0.6
    fragile_inside: float = 3.0
    fragile_program: float = 0.1
    fragile_library: float = 2.5
    unmet: float = 8.0
    write_and_execute: float = 500.0
    execute_beside_write: float = 1_000_000.0


BALANCED = Weights()
"""The first draft: about as many rules as a careful person writes."""

TIGHTNESS: dict[str, Weights] = {
    "tight": replace(BALANCED, rule=0.5, read_private=0.6, write_private=3.0, fragile=0.2, public_limit=4.0),
    "balanced": BALANCED,
    "robust": replace(BALANCED, rule=1.5, read_private=0.1, read_own=0.01, fragile=2.0, fragile_inside=8.0),
}
"""Settings of ``draft --tightness``. Tight gives more files of others a rule of their own, robust fewer, so
that more can be replaced. The service's own directories are the same in all: a reload needs them."""
