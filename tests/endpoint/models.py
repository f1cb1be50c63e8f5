"""The models that the endpoint knows: ids and lifecycle as the anthropic SDK 2.12 lists them."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Model:
    """One model; sizes in tokens."""

    lifecycle: str = "active"
    most_input: int = 1_000_000
    most_output: int = 128_000


MODELS = {
    "claude-opus-5-5": Model(),
    "claude-sonnet-5-5": Model(),
    "claude-haiku-5-5": Model(),
    "claude-opus-5": Model(),
    "claude-sonnet-4-5": Model("deprecated", 200_000, 64_000),
    "claude-mythos-preview": Model("retired"),
}
"""Id to model: a current one of each line, an older one, one that is about to go and one that is gone."""


def listed() -> dict[str, Any]:
    """The page that GET /v1/models answers: all but the retired ones, on one page."""
    data = [described(name) for name, model in MODELS.items() if model.lifecycle != "retired"]
    return {"data": data, "has_more": False, "first_id": data[0]["id"], "last_id": data[-1]["id"]}


def described(name: str) -> dict[str, Any]:
    """One model as the API describes it, without its capabilities."""
    model = MODELS[name]
    return {
        "type": "model",
        "id": name,
        "display_name": name.replace("-", " ").title(),
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": model.lifecycle,
        "line": name.split("-")[1],
        "max_input_tokens": model.most_input,
        "max_tokens": model.most_output,
        "capabilities": None,
        "deprecated_at": None,
        "retires_at": None,
    }
