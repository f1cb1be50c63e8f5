"""The quality of drafts, measured on real services: ``make evals``. docs/evals.md says what and how."""
