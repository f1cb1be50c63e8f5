"""Writes the schemas of the documents: pydantic models made true to the TOML form. Decides nothing itself.

Run it after a change of assistant/domain/ruleset.py or scenario.py; tests/domain compare.
"""

import json
from pathlib import Path
from typing import Any

from assistant.domain.ruleset import Ruleset
from assistant.domain.scenario import Scenarios


SCHEMAS = Path(__file__).parent.parent / "schema"
IDS = "https://landscribe.dev/schema"

TEXTS = {
    "schema": "The version of this form. A ruleset starts with: schema = 1",
    "service": "What the sandbox is for; a unit's or a program's name.",
    "target_abi": "The Landlock ABI the ruleset is written for. A launcher masks what a kernel lacks.",
    "provenance": "What made the draft, from which traces. Not part of the digest.",
    "scope": "What the sandbox is cut off from. No rule can make an exception.",
    "path": "Rights on files and directories. What is not granted is denied.",
    "port": "Rights on ports. Landlock knows no addresses.",
    "refused": "Seen in the trace and deliberately not granted.",
    "probed": "Looked for and absent; nothing is granted.",
    "unexercised": "Code paths that the traces are thought not to show. Grants nothing.",
    "question": "What only the operator can answer.",
    "approval": "A person's approval; any change of a grant makes it stale.",
    "PathGrant.path": "Absolute and resolved, without '..'. A directory covers everything beneath it.",
    "PathGrant.path_hex": "Instead of path, for a name that is not UTF-8: its bytes in hex.",
    "PathGrant.rights": "The kernel's names, lower case.",
    "PathGrant.optional": "The sandbox starts also where the path does not exist, without this rule.",
    "PathGrant.group": "The purpose, not a mode: configuration, libraries, state.",
    "PathGrant.why": "One or two sentences.",
    "PathGrant.necessity": "What a model thinks of the grant.",
    "PathGrant.doubts": "A model's doubts about the grant.",
    "PathGrant.weakness": "What could go wrong with this rule.",
    "PathGrant.by": "Who proposed it. A grant by 'model' or 'offline' must cite a trace line.",
    "PathGrant.evidence": "Citations: a trace's name, a colon, a line number.",
    "PathGrant.made": "Mode, user, group: how the launcher makes this directory of /run when it is missing.",
    "PathGrant.alternatives": "Narrower or wider rules that were considered.",
    "PortGrant.port": "0 with bind means any port that the kernel picks.",
    "TraceRecord.name": "What citations use.",
    "Provenance.model": "The model that took part, if one did.",
    "ModelRecord.request": "SHA-256 of the bytes that were sent first.",
    "ModelRecord.knowledge": "Share of the primer's questions about Landlock that it answered right.",
    "Approval.digest": "Digest of the grants that were approved.",
}


def schema() -> dict[str, Any]:
    """The schema as plain values, draft 2020-12."""
    made = Ruleset.model_json_schema(by_alias=True)
    parts: dict[str, dict[str, Any]] = made["$defs"]
    for name in ("PathGrant", "Refused", "Probed"):
        _path_or_hex(parts[name])
    for name in ("PathGrant", "PortGrant", "Refused", "Probed"):
        parts[name]["properties"]["evidence"]["items"]["pattern"] = r"^[\s\S]+:0*[1-9][0-9]*$"
    for name in ("PathGrant", "PortGrant"):
        _cited(parts[name])
    for name in ("Refused", "Probed"):
        rights = parts[name]["properties"]["rights"]
        del rights["minItems"]
        rights["default"] = []
    _document(made)
    _describe(made, parts, TEXTS)
    return _headed("ruleset-1", made)


def _headed(name: str, made: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{IDS}/{name}.json",
        **made,
    }


def _path_or_hex(part: dict[str, Any]) -> None:
    part["properties"]["path"]["not"] = {"pattern": r"(^|/)\.\.(/|$)|\u0000"}
    part["properties"]["path_hex"] = {
        "title": "Path Hex",
        "type": "string",
        # The first byte is a slash; zero bytes and ".." are left to the reader.
        "pattern": "^2[fF]([0-9a-fA-F]{2})*$",
    }
    part["required"].remove("path")
    part["oneOf"] = [{"required": ["path"]}, {"required": ["path_hex"]}]


def _cited(part: dict[str, Any]) -> None:
    """What the model's validator says: a drafter's grant needs a trace line."""
    part["if"] = {"properties": {"by": {"enum": ["offline", "model"]}}}
    part["then"] = {"required": ["evidence"], "properties": {"evidence": {"minItems": 1}}}


def _document(made: dict[str, Any]) -> None:
    _versioned(made)
    for part in (made, *made["$defs"].values()):
        part["properties"] = {name: _without_null(field) for name, field in part["properties"].items()}
    made["title"] = "Landlock ruleset of one service"


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """TOML has no null: what is absent, as an approval, is just not there."""
    choices = [choice for choice in field.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) != 1:
        return field
    return {key: value for key, value in field.items() if key not in ("anyOf", "default")} | choices[0]


def _versioned(made: dict[str, Any]) -> None:
    made["required"].insert(0, "schema")
    del made["properties"]["schema"]["default"]


def _describe(made: dict[str, Any], parts: dict[str, dict[str, Any]], texts: dict[str, str]) -> None:
    for name, text in texts.items():
        part, _, key = name.rpartition(".")
        fields = parts[part]["properties"] if part else made["properties"]
        fields[key]["description"] = text


SCENARIO_TEXTS = {
    "schema": "The version of this form. A scenarios file starts with: schema = 1",
    "command": "The service, in the foreground. One string is for the shell.",
    "user": "Whom to run it as, as root.",
    "cwd": "Where to start it.",
    "environment": "Added to what it inherits; steps get it too.",
    "timeout": "Seconds for each step, and for a command that ends by itself.",
    "before": "Done before each start, outside the sandbox.",
    "ready": "Tried after each start until it succeeds.",
    "stop": "How the service is stopped.",
    "scenario": "Each is a fresh start, its steps, and the end.",
    "Step.name": "What reports call it; else its command or signal.",
    "Step.run": "A command, outside the sandbox; PID in its environment is the service.",
    "Step.signal": "Sent to the service.",
    "Step.exit": "The exit code that is success.",
    "Step.retry": "Try again until it succeeds or its time is over.",
    "Step.timeout": "Seconds; else the document's.",
    "Stop.run": "A command that stops it, instead of the signal.",
    "Stop.signal": "TERM goes to all its processes, another signal to the first.",
    "Stop.exit": "Exit codes that are a good end; else 0, the signal, or how it ends without a sandbox.",
    "Stop.timeout": "Seconds until it is killed.",
    "Scenario.command": "Another command in the same sandbox, which 'ready' and 'stop' are not for.",
    "Scenario.exit": "The exit code of a command that ends by itself.",
    "Scenario.timeout": "Seconds for a command that ends by itself; else the document's.",
    "Scenario.step": "What is done while it runs, in this order.",
    "Scenario.after": "What is done when it has ended, such as a look at what it made.",
}


def scenarios_schema() -> dict[str, Any]:
    """The schema of a scenarios file."""
    made = Scenarios.model_json_schema(by_alias=True)
    _versioned(made)
    made["title"] = "Scenarios that a service is tested with"
    # TOML has no null: what is absent is not there.
    for part in (made, *made["$defs"].values()):
        for key, value in part["properties"].items():
            part["properties"][key] = _without_null(value)
    step = made["$defs"]["Step"]
    step["oneOf"] = [{"required": ["run"]}, {"required": ["signal"]}]
    _describe(made, made["$defs"], SCENARIO_TEXTS)
    return _headed("scenarios-1", made)


def _without_null(value: dict[str, Any]) -> dict[str, Any]:
    choices = [choice for choice in value.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == len(value.get("anyOf", [])):
        return value
    rest = {key: other for key, other in value.items() if key not in ("anyOf", "default")}
    return {**rest, **choices[0]} if len(choices) == 1 else {**rest, "anyOf": choices}


def texts() -> dict[str, str]:
    """The committed files' texts, by name."""
    made = {"ruleset": schema(), "scenarios": scenarios_schema()}
    return {
        f"{name}.schema.json": json.dumps(one, indent=2, ensure_ascii=True) + "\n"
        for name, one in made.items()
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (SCHEMAS / name).write_text(text, encoding="utf-8")
        print(SCHEMAS / name)
