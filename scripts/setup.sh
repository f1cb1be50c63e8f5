#!/usr/bin/env bash
# Makes a checkout ready: .venv with the project as an installed wheel (never editable) and its development tools.
#
#   scripts/setup.sh              the virtual environment, and strace
#   scripts/setup.sh --services   also what some tests need: services to sandbox (nginx, redis-server, curl; never
#                                 started), a compiler, for programs that make the system calls to be read, and
#                                 systemd, which reads units; a Chromium without a window, for the page of the notes
#   scripts/setup.sh --evals [NAME...]   also the services of these cases of evals/ and services/, else of all of evals/
#
# Does nothing twice: tools are installed again when pyproject.toml changed, the wheel when the sources changed.
# Exit codes: 0 ready (what is optional and missing was said), 1 cannot be made ready, 2 usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec 9<scripts/setup.sh
flock 9 # two at once take turns

# They would let the checkout stand in for the wheel, or leave it without compiled files.
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK=1
PATH=$PATH:/usr/sbin:/sbin
policy=/usr/sbin/policy-rc.d

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

apt_install() { # PACKAGE...   Fails when this is no Debian, not root, or apt does.
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "installing from Debian: $*"
    if ! [ -e "$policy" ]; then # Debian asks it before a package may start its daemon; 101 says no.
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    fi
    local log code=0
    log=$(mktemp)
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@"; } \
        </dev/null >"$log" 2>&1 || code=1
    [ "$code" = 0 ] || tail -n 5 "$log" >&2
    rm -f "$log"
    return "$code"
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    die "no python >= 3.11 was found; install one, or name it: PYTHON=/path/to/python3 scripts/setup.sh"
}

make_venv() {
    local python
    # Made anew when the checkout was moved or copied, or when its interpreter went away.
    if [[ "$(.venv/bin/pip --version 2>/dev/null)" == *" from $(pwd -P)/.venv/"* ]]; then return; fi
    python=$(find_python)
    say "creating .venv with $("$python" --version)"
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then # Debian keeps ensurepip in a package of its own
        rm -rf .venv
        apt_install python3-venv || die "python's venv module is incomplete; as root: apt-get install python3-venv"
        "$python" -m venv .venv
    fi
}

requirements() { # What building, running and developing need, from pyproject.toml; any pip understands a plain list.
    .venv/bin/python - <<'PYTHON'
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
lists = project["build-system"]["requires"], project["project"]["dependencies"], project["dependency-groups"]["dev"]
print(*(requirement for part in lists for requirement in part), sep="\n")
PYTHON
}

install_tools() {
    local stamp=.venv/tools.stamp now
    now=$(sha256sum <pyproject.toml)
    [ "$now" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    say "installing dependencies and development tools"
    requirements >.venv/requirements.txt
    .venv/bin/pip install -qq -r .venv/requirements.txt
    printf '%s\n' "$now" >"$stamp"
}

install_wheel() {
    local stamp=.venv/wheel.stamp now dist
    now=$(find assistant redaction prompts hatch_build.py pyproject.toml README.md LICENSE -type f ! -name '*.pyc' -print0 2>/dev/null |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum) || true # of the three packages some may not exist yet
    [ "$now" != "$(cat "$stamp" 2>/dev/null)" ] || return 0
    say "building and installing the wheel"
    dist=$(mktemp -d .venv/wheel.XXXXXX)
    .venv/bin/pip wheel -qq --no-deps --no-build-isolation -w "$dist" .
    .venv/bin/pip install -qq --no-deps --force-reinstall --compile "$dist"/*.whl
    rm -rf "$dist"
    printf '%s\n' "$now" >"$stamp"
}

need_strace() {
    command -v strace >/dev/null || apt_install strace ||
        say "strace is missing and cannot be installed from here; tests and commands that record need it"
}

need_services() {
    local missing=()
    command -v nginx >/dev/null || missing+=(nginx-light)
    command -v redis-server >/dev/null || missing+=(redis-server)
    command -v curl >/dev/null || missing+=(curl)
    command -v gcc >/dev/null || missing+=(gcc libc6-dev)
    command -v make >/dev/null || missing+=(make)
    command -v systemd-analyze >/dev/null || missing+=(systemd)
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}" ||
        say "missing and cannot be installed from here: ${missing[*]}; the tests that need them are skipped"
}

need_browser() { # By itself: not every Debian-like system has the package. It is 95 MB.
    local name
    for name in chromium-headless-shell chromium chromium-browser google-chrome chrome; do
        if command -v "$name" >/dev/null; then return; fi
    done
    apt_install chromium-headless-shell ||
        say "missing and cannot be installed from here: chromium-headless-shell; no page is opened in a browser"
}

need_cases() { # [NAME...]   A package that cannot be had is said, not fatal: its case says "not run".
    local missing=()
    mapfile -t missing < <(.venv/bin/python - "$@" <<'PYTHON'
import os, shutil, subprocess, sys, tomllib
from pathlib import Path

# The program alone does not tell: Java may be there without the service that it runs.
ask = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n"]
said = subprocess.run(ask, capture_output=True, text=True).stdout if shutil.which(ask[0]) else None
there = None if said is None else {line.split()[0] for line in said.splitlines() if line.endswith(" installed")}
homes = [Path("evals/cases"), Path("services/cases")]
named = [home / name / "case.toml" for name in sys.argv[1:] for home in homes if (home / name).is_dir()]
cases = named or sorted(Path("evals/cases").glob("*/case.toml"))
wanted = []
for path in cases:
    case = tomllib.loads(path.read_text("utf-8"))
    if not os.access(case.get("program", "/"), os.X_OK):
        wanted += case.get("packages", [])
    elif there is not None:
        wanted += [package for package in case.get("packages", []) if package not in there]
print(*dict.fromkeys(wanted), sep="\n", end="\n" if wanted else "")
PYTHON
    )
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}" || for package in "${missing[@]}"; do
        apt_install "$package" || say "missing and cannot be installed from here: $package"
    done
}

case ${1-} in
'' | --services | --evals) ;;
*)
    printf 'usage: scripts/setup.sh [--services | --evals [NAME...]]\n' >&2
    exit 2
    ;;
esac
make_venv
install_tools
install_wheel
need_strace
[ -z "${1-}" ] || need_services
[ "${1-}" != --services ] || need_browser
[ "${1-}" != --evals ] || need_cases "${@:2}"
say "ready"
