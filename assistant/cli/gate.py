"""The privacy gate: what would leave, byte for byte, before it does; the default is No."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assistant.cli import console
from assistant.errors import NotApprovedError
from redaction.outcomes import Fate, Treated
from redaction.placeholders import PLACEHOLDER
from redaction.redactor import Redactor


@dataclass(frozen=True, slots=True)
class Leaving:
    """What would leave, and where to.

    Attributes:
        body: The exact bytes.
        to: The endpoint, or how else they leave.
        model: Whom they are for.
        redactor: Which made them; it knows what became of each name.
        most: US dollars that the answer can cost at the most; None when the price is not known.
        parts: What is sent instead when the answer breaks off: the same lines, in several requests.
    """

    body: bytes
    to: str
    model: str
    redactor: Redactor
    most: float | None = None
    parts: tuple[bytes, ...] = ()

    @property
    def digest(self) -> str:
        """What an approval names."""
        return _digest(self.body)

    @property
    def text(self) -> str:
        """The bytes as a person reads them."""
        return self.body.decode("utf-8", "backslashreplace")

    def treated(self) -> list[Treated]:
        """The names that are in it, in whatever form, and those that were left out."""
        return [one for one in self.redactor.treated() if str(one.shown) in self.text]


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


_BYTES_A_TOKEN = 3.6
"""Of prompts like ours; the endpoint's own count is in the document afterwards."""


def tokens(body: bytes) -> int:
    """About how many tokens some bytes are. An estimate: counting would send them."""
    return round(len(body) / _BYTES_A_TOKEN)


def approval(leaving: Leaving, approved: str) -> str:
    """Who approves, in words for the log; "" when nobody does.

    Args:
        leaving: What would leave.
        approved: The digest that the command line approves; "" for none. It is not asked then.

    Raises:
        NotApprovedError: the command line approves something else, or nobody can be asked.
    """
    if approved:
        if approved != leaving.digest:
            raise NotApprovedError(
                "what was approved is not what would be sent",
                why=f"it is {leaving.digest}",
                hint="look at it with --show-request, and approve that",
            )
        return "--approve-send"
    if not console.can_ask():
        raise NotApprovedError(
            "nothing was sent: nobody is here to approve it",
            why=f"{len(leaving.body)} bytes would go to {leaving.to}",
            hint=f"look with --show-request, then --approve-send {leaving.digest}; or --offline",
        )
    console.say(summary(leaving))
    return "at the terminal" if _asked(leaving) else ""


def summary(leaving: Leaving) -> str:
    """What would leave, in numbers and categories."""
    cost = "an unknown price" if leaving.most is None else f"at most ${leaving.most:.2f}"
    size = f"{len(leaving.body)} bytes, about {tokens(leaving.body)} tokens, {cost}"
    lines = [f"Would be sent to {leaving.to}, model {leaving.model}: {size}", f"  {leaving.digest}"]
    if leaving.parts:
        digests = ", ".join(map(_digest, leaving.parts))
        lines.append(
            f"  should its answer break off, the same lines in {len(leaving.parts)} parts: {digests}"
        )
    return "\n".join([*lines, *_categories(leaving.treated())])


_MEANS = {
    Fate.VERBATIM: "names as they are: packages, the kernel and our vocabulary make them public",
    Fate.PSEUDONYMISED: "names replaced",
    Fate.UNDECIDED: "names of which nothing is known, replaced as well",
    Fate.DROPPED: "values left out",
}


def _categories(treated: Sequence[Treated]) -> Iterator[str]:
    kinds = Counter(kind for one in treated if (kind := _kind(one)))
    fates = Counter(one.fate for one in treated)
    for fate, told in _MEANS.items():
        if fate is Fate.PSEUDONYMISED and kinds:
            told += f": {', '.join(f'{kind} {number}' for kind, number in sorted(kinds.items()))}"  # noqa: PLW2901
        if fates[fate]:
            yield f"  {fate.value:14} {fates[fate]:5} {told}"
    yield "  never read           contents of files and sockets, arguments, environments, times"


def _kind(one: Treated) -> str:
    found = PLACEHOLDER.search(str(one.shown)) if one.fate is Fate.PSEUDONYMISED else None
    return found[0][1:].rpartition("_")[0] if found else ""


_CHOICES = "[v]iew all bytes  [d]iff names  [s]end  do [n]ot send (Enter)  "


def _asked(leaving: Leaving) -> bool:
    while True:
        answer = console.ask(_CHOICES).strip().lower()
        if answer in ("v", "view"):
            console.say(leaving.text)
        elif answer in ("d", "diff"):
            console.say("\n".join(_differences(leaving.treated())))
        else:
            return answer in ("s", "send")


def _differences(treated: Iterable[Treated]) -> Iterator[str]:
    """Every name that was treated, as it is here and as it would leave. For this terminal only."""
    from assistant.render.plain import printable

    for one in treated:
        shown = "left out" if one.fate is Fate.DROPPED else str(one.shown)
        same = one.fate is Fate.VERBATIM
        yield f"  {printable(one.raw)}" if same else f"- {printable(one.raw)}\n+ {shown}  ({one.fate.value})"
