"""What system calls mean, one module per family. Each names its calls in CALLS: name to handler."""
