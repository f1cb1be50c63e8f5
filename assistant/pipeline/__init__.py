"""The only place where the order of steps is written: read, ground, draft, verify. Everything else is a step.

``reading`` stands by itself, and ``verifying`` needs no more than that: neither waits for what drafts.
"""
