"""strace text to accesses. Bytes in, values out: no file is opened here and no host is looked at."""
