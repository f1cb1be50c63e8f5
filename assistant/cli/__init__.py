"""The command line: parses, wires, prints. Decides nothing about accesses or rights."""
