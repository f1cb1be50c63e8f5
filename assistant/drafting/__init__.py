"""Deterministic drafting: an inventory to a ruleset, with a reason for each grant. Opens nothing itself."""
