"""What a person needs to approve a ruleset: differences, explanations, the launch context. Pure."""
