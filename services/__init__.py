"""Drafts of real services, tried in the kernel from both sides: ``make test-services``; docs/services.md."""
