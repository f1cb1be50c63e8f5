"""No test reaches another machine: neither from this process nor from one that it starts."""

import errno
import socket
import subprocess
import sys

import pytest

from tests.isolation import STILL_CONNECTED


OUTSIDE = "192.0.2.1"
CONNECT = f"""
import socket, sys
with socket.socket(socket.AF_INET, socket.{{}}) as one:
    one.settimeout(5)
    sys.exit(one.connect_ex(("{OUTSIDE}", 9)))
"""


def test_this_process_connects_to_the_loopback_alone() -> None:
    with socket.socket() as one, pytest.raises(pytest.fail.Exception, match="tried to connect"):
        one.connect((OUTSIDE, 9))


@pytest.mark.root
@pytest.mark.parametrize("kind", ["SOCK_STREAM", "SOCK_DGRAM"])
def test_a_process_that_a_test_starts_has_no_way_out(kind: str, pytestconfig: pytest.Config) -> None:
    if why := pytestconfig.stash[STILL_CONNECTED]:
        pytest.skip(f"the tests have no network of their own: {why}")

    done = subprocess.run([sys.executable, "-c", CONNECT.format(kind)], check=False)

    assert done.returncode == errno.ENETUNREACH


def test_the_loopback_works() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as one:
        one.connect(server.getsockname())
