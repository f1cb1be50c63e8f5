"""``landscribe verify``: a ruleset held against raw traces. The gate for CI; needs no network and no key."""

from assistant.cli.inputs import Cwd, Foreign, Json, RulesetFile, TraceFiles


def verify(
    ruleset: RulesetFile,
    traces: TraceFiles,
    cwd: Cwd = None,
    foreign: Foreign = False,
    as_json: Json = False,
) -> int:
    """Hold a ruleset against raw traces.

    Every path, right and citation is checked. A trace that is named under provenance must be covered (else
    exit 11); a new one shows drift (exit 12).
    """
    from assistant.cli.inputs import absolute, load_ruleset, show, the_host
    from assistant.pipeline import hold_against, name_traces, read_traces

    document = load_ruleset(ruleset)
    host = the_host(foreign=foreign)
    named = name_traces(traces, document.provenance.trace)
    inventory = read_traces(named, host, cwd=absolute(cwd))
    return show(hold_against(document, inventory, named, host), as_json=as_json)
