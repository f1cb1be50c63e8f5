import pytest

from redaction import Redactor, Vault, Vocabulary


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(Vocabulary.shipped(), Vault(b"one key of thirty-two bytes, ok?"))
