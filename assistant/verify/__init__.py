"""A ruleset held against the raw traces: values in, findings out. Opens nothing and asks no model."""
