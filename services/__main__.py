"""``python -m services``: see ``--help``, and docs/services.md."""

import sys

from services.command import main


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
