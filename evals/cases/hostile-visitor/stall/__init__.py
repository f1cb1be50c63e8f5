"""A file service with a hole in it."""
