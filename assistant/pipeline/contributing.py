"""What a conversation with a model contributes to a draft: composed grants, and its sentences made harmless.

Every place gets a choice that code offered, whatever was answered. Placeholders in sentences become the names
that they stand for; one that is none of ours stays, and is a finding.
"""

from collections.abc import Iterable, Iterator

from assistant.author.primer import ENOUGH
from assistant.domain.finding import Finding, Severity, find
from assistant.domain.offer import Offer, Relation, Spot
from assistant.domain.proposal import SENTENCES, TITLE, Group, Necessity
from assistant.domain.prose import one_line, without_markup
from assistant.domain.ruleset import ModelRecord, Question, Unexercised
from assistant.drafting.composing import Said, compose
from assistant.pipeline.conversing import Conversation
from assistant.pipeline.drafting import Contribution
from redaction.redactor import Redactor


def contribution(
    offer: Offer, conversation: Conversation, redactor: Redactor, record: ModelRecord
) -> Contribution:
    """What goes into the document.

    Args:
        offer: What the model was asked about.
        conversation: What came of it.
        redactor: That the offer was shown through.
        record: What provenance says of the model.
    """
    return _Contribution(offer, conversation, redactor).made(record)


class _Contribution:
    def __init__(self, offer: Offer, conversation: Conversation, redactor: Redactor) -> None:
        self._offer = offer
        self._conversation = conversation
        self._redactor = redactor
        self._strange: dict[str, None] = {}

    def made(self, record: ModelRecord) -> Contribution:
        held, proposal = self._conversation.held, self._conversation.proposal
        said = {place: self._said(group) for place, group in held.groups.items()} if held else {}
        composed = compose(self._offer, held.picked if held else {}, said)
        unexercised = tuple(
            Unexercised(
                code_path=one.code_path.value,
                touches=self._told(one.touches),
                why=self._told(one.why),
                by="model",
            )
            for one in (proposal.unexercised if proposal else ())
        )
        questions = proposal.questions if proposal else ()
        findings = (*self._findings(unexercised), *_on_knowledge(record))
        return Contribution(
            composed.paths,
            composed.ports,
            record,
            unexercised,
            tuple(Question(text=self._told(text), by="model") for text in questions),
            findings,
        )

    def _said(self, group: Group) -> Said:
        return Said(
            purpose=self._told(group.purpose, TITLE) or "unnamed",
            why=self._told(group.why),
            necessity=group.necessity,
            doubts=tuple(filter(None, map(self._told, group.doubts))),
        )

    def _told(self, text: str, limit: int = SENTENCES) -> str:
        """A sentence with the names back, and nothing in it that acts on a page or a terminal."""
        restored = self._redactor.restore(text)
        self._strange |= dict.fromkeys(restored.unknown)
        return without_markup(one_line(restored.text, limit))

    def _findings(self, unexercised: Iterable[Unexercised]) -> Iterator[Finding]:
        yield from self._on_the_answer()
        yield from self._on_places()
        yield from self._on_objections()
        for one in unexercised:
            yield find("unexercised", one.code_path, f"the model: {one.touches}")
        for placeholder in self._strange:
            yield find("unknown-placeholder", without_markup(placeholder), "in the model's sentences")

    def _on_the_answer(self) -> Iterator[Finding]:
        conversation = self._conversation
        held = conversation.held
        if conversation.failure:
            severity = Severity.MEDIUM if held is None else Severity.LOW
            why = one_line(conversation.failure, SENTENCES)
            yield find("model-failed", conversation.model, why, severity=severity)
        if conversation.proposal is None:
            return
        left = [spot for spot in self._offer.spots if held is None or spot.number not in held.picked]
        for spot in left:
            yield find("model-fallback", _subject(spot), "the model gave no answer, or two, for it")

    def _on_places(self) -> Iterator[Finding]:
        held = self._conversation.held
        if held is None:
            return
        rules = self._offer.choices()
        for spot in self._offer.spots:
            choice, group = held.picked.get(spot.number), held.groups.get(spot.number)
            if choice is None or group is None:
                continue
            if choice.relation is Relation.WIDER:
                yield find("model-wider", _subject(spot), f"the model: {self._told(group.why)}")
            if group.necessity is Necessity.SUSPICIOUS:
                yield find("model-suspicious", _subject(spot), f"the model: {self._told(group.why)}")
            for doubt in group.doubts:
                yield find("model-doubt", _subject(spot), f"the model: {self._told(doubt)}")
        for one in held.unneeded:
            spot, _ = rules[one.rule]
            rights = ", ".join(right.value for right in one.rights)
            yield find("model-doubts-right", _subject(spot), f"{rights}: the model: {self._told(one.why)}")

    def _on_objections(self) -> Iterator[Finding]:
        held = self._conversation.held
        seen = self._offer.observed()
        refused = {one.number: one for one in self._offer.declined}
        for one in held.objections if held else ():
            why = f"the model: {self._told(one.why)}"
            if one.access in refused:
                message = f"refused already; {why}"
                yield find("model-objects", refused[one.access].path, message, severity=Severity.INFO)
            else:
                yield find("model-objects", seen[one.access].below, f"granted all the same; {why}")


def _on_knowledge(record: ModelRecord) -> Iterator[Finding]:
    if record.knowledge is not None and record.knowledge < ENOUGH:
        yield find(
            "model-knowledge", record.name, f"{record.knowledge:.0%} of the primer's answers are right"
        )


def _subject(spot: Spot) -> str:
    choice = spot.choices[0]
    return choice.paths[0].path if choice.paths else f"port {choice.ports[0].port}"
