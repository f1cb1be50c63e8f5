"""The only place where the order of steps is written: read, ground, draft, verify. Everything else is a step.

``reading`` stands by itself: who only wants to know what traces show waits for nothing that drafts.
"""
