"""What made a ruleset, and from what, for the notes; of a model also what it was asked and what it took."""

from collections import Counter

from assistant.domain.ruleset import ModelRecord, Ruleset
from assistant.render.grants import NAME
from assistant.render.manuscript import Line, Name, Prose, Table, line, listed


_MOST = 30


def provenance(ruleset: Ruleset, most: int = _MOST) -> Table:
    """Tool, authors, model, machine, traces and digest; of more than ``most`` traces the rest is counted."""
    made = ruleset.provenance
    authors = Counter(grant.by for grant in (*ruleset.path, *ruleset.port))
    by = ", ".join(f"{author}: {count}" for author, count in sorted(authors.items()))
    rows: list[tuple[str, Line]] = [
        ("Tool", _told(made.tool)),
        ("Author of the draft", _told(made.author)),
        ("Grants by author", (by or "none",)),
        *(_model(made.model) if made.model else [("Model", ("none took part",))]),
        ("Created", _told(made.created)),
        ("Traced command", (Name(made.command, NAME),) if made.command else ("unknown",)),
        ("Kernel", _told(made.kernel)),
        ("Landlock ABI of that kernel", (str(made.kernel_abi) if made.kernel_abi else "unknown",)),
    ]
    named = [((what,), value) for what, value in rows]
    traces = [
        (line("Trace {}", Name(t.name, 80)), line("sha256 {}, {} lines", Name(t.sha256), t.lines))
        for t in made.trace[:most]
    ]
    left = len(made.trace) - most
    more: list[tuple[Line, Line]] = [(("Traces",), (f"and {left} more",))] if left > 0 else []
    digest: tuple[Line, Line] = (("Digest of the grants",), (Name(ruleset.digest()),))
    return Table(("What", "Value"), (*named, *traces, *more, digest))


def _told(text: str) -> Line:
    return (Prose(text, 80),) if text else ("unknown",)


def _model(model: ModelRecord) -> list[tuple[str, Line]]:
    score = "never asked" if model.knowledge is None else f"{model.knowledge:.0%} of its questions right"
    cost = "unknown" if model.cost is None else f"{model.cost:.4f} dollars"
    tokens = f"{model.sent} sent, {model.received} received, in {model.turns} turns"
    return [
        ("Model", _told(model.name)),
        ("Endpoint", _told(model.endpoint)),
        ("Prompts", listed(model.prompts, _MOST, 80) or ("unknown",)),
        ("Primer on Landlock", (score,)),
        ("Tokens", (tokens if model.turns else "unknown",)),
        ("Cost", (cost,)),
        ("Redaction", _told(model.redaction)),
        ("First request", (Name(model.request, 80),) if model.request else ("unknown",)),
    ]
