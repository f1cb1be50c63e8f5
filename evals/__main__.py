"""``python -m evals``: see ``--help``, and docs/evals.md."""

import sys

from evals.command import main


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
