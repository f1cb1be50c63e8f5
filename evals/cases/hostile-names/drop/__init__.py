"""A service that keeps files under names that strangers choose, and who asks it."""
