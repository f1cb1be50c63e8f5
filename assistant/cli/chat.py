"""``landscribe draft --via chat``: the prompt is carried to a chat by a person, and the answer carried back.

The same gate, guard, parser and verifier as over the network; for people with a subscription, or an air gap.
"""

import os
from dataclasses import dataclass, replace

from assistant.author.chat import ChatAuthor
from assistant.author.guarding import refuse_private
from assistant.author.library import library
from assistant.author.sent import Approved, SentLog
from assistant.cli import console, gate
from assistant.cli.asking import owned_by, user
from assistant.cli.modelled import Matter, matter_of, told
from assistant.cli.redacting import stopping
from assistant.cli.wanting import Wanted
from assistant.errors import CeilingError
from assistant.pipeline.conversing import converse
from assistant.pipeline.drafting import Drafted, Prepared, finish
from assistant.settings.folders import state_folder


@dataclass(frozen=True, slots=True)
class _Written:
    url: str
    body: bytes
    digest: str


def draft_by_chat(prepared: Prepared, wanted: Wanted) -> Drafted | None:
    """Write the prompt out, or take the answer in.

    Returns:
        The document; None when the prompt was written and its answer is awaited.

    Raises:
        StoppedError: the gate, the guard or the machine's ceiling says no.
    """
    if not wanted.policy.egress:
        raise CeilingError("this machine's policy forbids that anything leaves", hint="draft with --offline")
    matter = matter_of(prepared, wanted)
    wish, form = wanted.wish, library()["form"].own
    if wish.answer is not None:
        return _heard(matter, console.read_file(wish.answer, "the answer"))
    body = ChatAuthor(form).body(matter.prompt)
    with stopping():
        refuse_private(matter.redaction.guard((*owned_by(matter.prompt), form)), body, "the prompt")
    leaving = gate.Leaving(
        body, "a chat of your choice", "whoever answers there", matter.redaction.redactor, 0.0
    )
    if wish.show:
        console.say(gate.summary(leaving))
        console.result(leaving.text)
        return None
    how = gate.approval(leaving, wish.approved)
    if not how:
        console.say("landscribe: nothing was written; drafting offline")
        return finish(prepared)
    _write(matter, leaving, wanted, how)
    if wish.prompt is None and console.can_ask():
        answer = console.ask_lines("Paste the answer; a line with a single dot ends it.")
        return _heard(replace(matter, digest=leaving.digest), answer)
    console.say("next: paste it into a chat, then draft again with --via chat --answer FILE")
    return None


def _heard(matter: Matter, answer: str) -> Drafted:
    author = ChatAuthor(library()["form"].own, answer)
    return told(matter, converse(author, matter.prompt, matter.offer, repairs=0), author)


def _write(matter: Matter, leaving: gate.Leaving, wanted: Wanted, how: str) -> None:
    with stopping():
        matter.redaction.vault.save()
    state = state_folder(wanted.environ)
    log = SentLog(state, wanted.kept or os.path.join(state, "sent"))
    log.approved = Approved(user(), how, "a chat", matter.offer.service)
    log.sending(_Written("copy and paste", leaving.body, leaving.digest))
    prompt = wanted.wish.prompt
    if prompt is None:
        console.result(leaving.text)
    else:
        console.write_file(prompt, leaving.text)
        console.say(f"written: {str(prompt)!a}")
