#!/usr/bin/env bash
# The whole workflow on a small real service (examples/ledger). Everything shown is what the commands print now;
# everything made lies in demo-out/. Ends with 0 only if every step ended as it should.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

step() { # CODES COMMAND...   Shows the command, runs it, and stops here unless it exits with one of CODES.
    local codes=$1 code=0
    shift
    printf '\n$ %s\n' "$*"
    "$@" || code=$?
    if [[ " $codes " != *" $code "* ]]; then
        printf 'demo: exit code %s, where only %s would do\n' "$code" "$codes" >&2
        exit 1
    fi
}
tell() { printf '\n# %s\n' "$@"; }

python=/usr/bin/python3 # a service uses the system's, if that is new enough
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    python=$(.venv/bin/python -c 'import os, sys; print(os.path.realpath(sys.executable))')

PATH=$PWD/.venv/bin:$PATH
rm -rf demo-out
examples/ledger/install.sh demo-out/ledger
cd demo-out
service=("$python" -IB "$PWD/ledger/lib/ledger/ledgerd.py" --config "$PWD/ledger/etc/ledger/ledger.conf" --selftest)

tell "A trace of opens and connects only. A draft from it says what such a trace cannot show (exit code 10)."
step 0 strace -f -e trace=openat,open,connect -o app.trace "${service[@]}"
step 10 landscribe draft app.trace --offline -o app.toml

tell "The trace to draft from. 10 again: the service reads /etc/shadow, and a person should know."
step 0 strace -f -y -e trace=%file,%network,%process -o full.trace "${service[@]}"
step "0 10" landscribe draft full.trace --service ledger --offline -o ledger.toml
step "0 10" landscribe verify ledger.toml full.trace

tell "Two-sided: inside the sandbox the service works, log rotation and all, and what is outside is denied."
step 0 landscribe test ledger.toml -o test.json -- "${service[@]}"

tell "For the reviewer, and for production."
step 0 landscribe notes ledger.toml full.trace --test test.json -o ledger-notes.md
step 0 landscribe export ledger.toml --to python -o launcher.py

echo
printf '%-30s %s\n' \
    demo-out/ledger.toml "the ruleset: each grant with its reason and the trace lines that show it" \
    demo-out/ledger-notes.md "the reviewer's notes" \
    demo-out/launcher.py "a launcher that needs nothing but python" \
    demo-out/full.trace "the trace" \
    demo-out/app.toml "the draft from the short trace, for comparison"
[ -s ledger.toml ] && [ -s ledger-notes.md ] && [ -s launcher.py ]
printf '\ndemo: the two-sided test passed: the service works in its sandbox, and what is outside is denied\n'
