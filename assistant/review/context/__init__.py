"""The launch context: what the unit, the kernel and the ruleset deny together. Pure."""
