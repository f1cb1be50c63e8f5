"""The flags of open that decide on rights, from their bits on x86-64."""

_BITS = {
    0o100: b"O_CREAT",
    0o1000: b"O_TRUNC",
    0o200000: b"O_DIRECTORY",
    0o10000000: b"O_PATH",
}


def open_flags(bits: int) -> bytes:
    """The words of these bits; nothing about the bits that change no right."""
    mode = (b"O_RDONLY", b"O_WRONLY", b"O_RDWR", b"O_ACCMODE")[bits & 3]
    return b"|".join([mode, *(word for bit, word in _BITS.items() if bits & bit)])
