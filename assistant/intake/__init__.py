"""Traces as streams of bytes, wherever they are: a file, an archive, a pipe, a folder of threads."""
