"""landscribe: drafts, verifies, tests and documents Landlock sandboxes for Linux services.

The command line is the main entry (``landscribe --help``). The same steps as functions::

    from pathlib import Path

    from assistant.domain.ruleset import Provenance
    from assistant.drafting.offline import Options
    from assistant.host import LocalHost
    from assistant.pipeline.drafting import draft_offline
    from assistant.reading.naming import name_traces

    traces = name_traces([Path("app.trace")])
    options = Options(service="app", target_abi=7)
    drafted = draft_offline(traces, LocalHost(), options, Provenance(tool="my tool"))
    print(drafted.ruleset.digest())
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
