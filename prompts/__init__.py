"""The prompts that landscribe sends, as files: catalog.toml says what each is for and what changed in it.

They are data and are reviewed like code. ``landscribe prompts list`` shows them, ``landscribe prompts show
ID`` prints one, ready to be pasted. Whoever changes a prompt raises its version and says in its list of
changes what was measured.
"""
