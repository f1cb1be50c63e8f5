"""The words everything else speaks: rights, accesses, rulesets, findings, reports. Pure values, no I/O."""
