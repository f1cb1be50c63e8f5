"""What a model that understood the request answers."""

import json
import re

from tests.endpoint.exchange import Request


def good_answer(request: Request) -> str:
    """Each place its first rule, in groups of three."""
    first = re.findall(r"^P\d+.*\nr(\d+) ", request.body["messages"][0]["content"], re.MULTILINE)
    groups = [
        {
            "purpose": f"purpose {at}",
            "rules": [int(number) for number in first[at : at + 3]],
            "why": "it reads a1",
            "necessity": "required",
            "doubts": [],
        }
        for at in range(0, len(first), 3)
    ]
    rest: dict[str, list[str]] = {"unneeded": [], "objections": [], "unexercised": [], "questions": []}
    return json.dumps({"groups": groups, **rest})
