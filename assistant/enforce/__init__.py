"""The kernel at the rim: the only rooms with ctypes, fork and exec. Speaks the words of assistant.domain."""
