"""Rulesets and real runs: what a test shows, what denials teach, which grants earn their place."""
