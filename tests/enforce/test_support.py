import os

import pytest

from assistant.enforce import launcher
from assistant.enforce.support import probe


@pytest.mark.kernel
def test_the_running_kernel_has_an_abi_and_no_excuse() -> None:
    support = probe()

    assert support.abi >= 1
    assert support.reason == ""
    assert support.kernel == os.uname().release
    assert bool(support.errata) == (support.abi >= launcher.LOG_ABI)


def test_a_kernel_has_either_an_abi_or_a_reason() -> None:
    support = probe()

    assert bool(support.abi) != bool(support.reason)
