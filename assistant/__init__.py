"""landscribe: drafts, verifies, tests and documents Landlock sandboxes for Linux services.

The command line is the main entry (``landscribe --help``). The same steps as functions::

    from assistant.host import LocalHost
    from assistant.pipeline import draft_offline, read_traces

    host = LocalHost()
    inventory = read_traces(["app.trace"], host)
    draft = draft_offline(inventory, host, service="app")
    print(draft.ruleset.digest())
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
