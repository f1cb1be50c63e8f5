"""The text of the ruleset document: TOML to Ruleset and back.

Comments and order of a person survive a rewrite. Paths that are not UTF-8 stand as ``path_hex``; control and
direction characters are escaped.
"""

import tomllib
from typing import Any

from pydantic import BaseModel, ValidationError

from assistant.domain.policy import spelled
from assistant.domain.rewrite import Parts, comments_of, fresh, rewrite
from assistant.domain.rights import FsRight, NetRight, names
from assistant.domain.ruleset import Ruleset
from assistant.errors import RulesetError


_LISTS = ("path", "port", "refused", "probed", "unexercised", "question")
_HEADER = (
    "Landlock ruleset, written by landscribe. Everything that is not granted here is denied.",
    "Rights are the kernel's names. 'evidence' cites lines of the traces named under provenance.",
)


def load(text: str, *, source: str = "the ruleset") -> Ruleset:
    """Read a ruleset document.

    Args:
        text: The TOML text.
        source: What to call it in errors.

    Raises:
        RulesetError: not TOML, an unknown key, right or version, or a value that cannot be.
    """
    return parse(_toml(text, source), source=source)


def _toml(text: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        hint = "resolve the merge conflict first" if "<<<<<<<" in text else "fix the line named above"
        raise RulesetError(f"{source} is not TOML", why=str(error), hint=hint) from error


def parse(data: dict[str, Any], *, source: str = "the ruleset") -> Ruleset:
    """Read a ruleset from plain values (the JSON form has the same keys).

    Raises:
        RulesetError: as for ``load``.
    """
    version = data.get("schema")
    if type(version) is not int or version != 1:
        raise RulesetError(
            f"{source} is no ruleset of schema 1",
            why="the key 'schema' is missing" if version is None else f"it says schema = {version!r}",
            hint=(
                "it was written by a newer landscribe: read it with that one"
                if type(version) is int and version > 1
                else "a ruleset starts with: schema = 1"
            ),
        )
    plain = {**data, **{key: _tuple(data[key]) for key in _LISTS if key in data}}
    if isinstance(made := plain.get("provenance"), dict):
        plain["provenance"] = {**made, **{key: _tuple(made[key]) for key in ("trace", "link") if key in made}}
    try:
        return Ruleset.model_validate(plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(_shown(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise RulesetError(
            f"{source} is not a valid ruleset",
            why=f"{where or 'document'}: {_plain(first['type'], first['msg'])}{more}",
            hint="the keys and values are described in schema/ruleset.schema.json",
        ) from error


def _shown(part: str | int) -> str:
    """A key of the document as an error may name it: an unknown key is anybody's text."""
    word = str(part)
    return word if word.isidentifier() or word.isdigit() else ascii(word)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _plain(kind: str, message: str) -> str:
    return "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def to_data(ruleset: Ruleset) -> dict[str, Any]:
    """The document as plain values, in the order in which it is written. Empty parts are left out."""
    return _fields(ruleset)


def _fields(part: BaseModel) -> dict[str, Any]:
    """A part's keys. What is empty and would be read back as empty is left out."""
    spelled: dict[str, Any] = {}
    for name, info in type(part).model_fields.items():
        value = getattr(part, name)
        told = isinstance(value, (bool, int)) and name != "optional"  # Few rules are: the others say nothing.
        if value or info.is_required() or value != info.default or told:
            spelled[info.alias or name] = _spelled(value)
    return _in_order(spelled)


def _spelled(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _fields(value)
    if isinstance(value, (FsRight, NetRight)):
        return names(value)
    return [_spelled(item) for item in value] if isinstance(value, tuple) else value


_FIRST = (
    *("path", "path_hex", "port", "rights", "optional", "made", "group", "why", "necessity", "doubts"),
    *("weakness", "by", "evidence"),
)


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    if isinstance(table.get("path"), str):
        table = {**spelled(table.pop("path")), **table}
    known = [key for key in _FIRST if key in table and "rights" in table]
    return {key: table[key] for key in (*known, *(key for key in table if key not in known))}


def dump(ruleset: Ruleset, *, over: str = "") -> str:
    """The document's text; ``load`` of it gives ``ruleset`` again.

    Args:
        ruleset: What to write.
        over: The text that it replaces. Comments, order and blank lines of entries that stay are kept; a
            comment directly above an entry goes with it. If that cannot be done right, the comments
            are gathered at the top.

    Raises:
        RulesetError: ``over`` is not TOML, or a text holds what TOML cannot (a lone surrogate).
    """
    try:
        return _over(ruleset, over) if over else fresh(Parts.of(to_data(ruleset)), _HEADER)
    except ValueError as error:
        raise RulesetError("the ruleset cannot be written as TOML", why=str(error)) from error


def _over(ruleset: Ruleset, over: str) -> str:
    raw = _toml(over, "the document to be rewritten")
    before = _read(over)
    if before == ruleset:
        return over
    new = Parts.of(to_data(ruleset))
    result = rewrite(over, Parts.of(to_data(before) if before else raw), new)
    if _read(result) == ruleset:
        return result
    kept = [comment for comment in comments_of(over) if comment not in _HEADER]
    return fresh(new, (*_HEADER, *kept))


def _read(text: str) -> Ruleset | None:
    try:
        return load(text)
    except RulesetError:
        return None
