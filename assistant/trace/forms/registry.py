"""The forms that are read, in the order in which they are tried."""

from assistant.trace.forms import Form
from assistant.trace.forms.audit import AuditLog
from assistant.trace.forms.jsonl import Events
from assistant.trace.forms.strace import StraceText


FORMS: tuple[Form, ...] = (Events(), AuditLog(), StraceText())
"""The last one recognises everything."""


def form_of(first: bytes) -> Form:
    """The form of a trace that begins with these bytes."""
    return next(form for form in FORMS if form.recognises(first))
