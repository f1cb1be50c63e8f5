"""The slow, obvious reader: each line is parsed and handled by itself, whatever was met before.

It shares the meaning of calls with the shipped reader and nothing of its fast lane: no columns are learned, no
text is remembered, no shape is filled in.
"""

import hashlib

from assistant.domain.access import Inventory
from assistant.trace.gathering import gather
from assistant.trace.interpreter import Interpreter
from assistant.trace.line import LONGEST_LINE, columns


def read(name: str, data: bytes, cwd: str | None = None) -> Inventory:
    """The inventory of one trace."""
    interpreter = Interpreter(name, cwd)
    lines = data.split(b"\n")
    last = lines.pop()
    for raw in lines:
        _line(interpreter, raw, ended=True)
    if last:
        _line(interpreter, last, ended=False)
    return gather([interpreter.finish(hashlib.sha256(data).hexdigest(), complete=not last)])


def _line(interpreter: Interpreter, raw: bytes, *, ended: bool) -> None:
    interpreter.counts.lines += 1
    number = interpreter.counts.lines
    if len(raw) > LONGEST_LINE:
        interpreter.strange("line too long", raw, number)
        return
    text = raw.rstrip(b"\r\n")
    where = columns(text)
    interpreter.line(number, where.pid, text[where.start :], raw, ended=ended)
