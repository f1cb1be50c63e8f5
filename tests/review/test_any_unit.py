"""Whatever a unit file holds, it is reviewed, its code paths are listed, and nothing of it steers a terminal."""

from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain.codepath import PackageFile, Signals
from assistant.domain.specifiers import expanded
from assistant.domain.unit import parse
from assistant.render.codepaths import codepaths_text
from assistant.render.context import context_text
from assistant.review.codepaths.listing import code_paths
from assistant.review.codepaths.recording import Recorder
from assistant.review.codepaths.witness import Witness
from assistant.review.context.directives import JUDGED
from assistant.review.context.reviewing import review, with_lines
from tests.review.context.conftest import GROUPS, make_ruleset


PIECES = st.sampled_from(
    [
        *(
            "",
            "yes",
            "no",
            "~",
            "none",
            "any",
            "strict",
            "full",
            "/",
            "//",
            "/../..",
            "/a b",
            '"/a b"',
            "-+/x",
        ),
        *(
            "%",
            "%i",
            "%%",
            "%m",
            "$MAINPID",
            "@",
            "!",
            "!!",
            "+",
            ":",
            ";",
            "; ;",
            "\\",
            "'",
            '"',
            "#",
            "[",
            "0",
        ),
        *("~@mount", "@system-service", "@nonsense", "CAP_SYS_ADMIN", "~CAP_X", "AF_INET", "tcp:80", "root"),
        *(
            "\x1b[2J",
            "\u202e",
            "\udcff",
            "\n",
            "\\\n",
            "x" * 3000,
            "kill",
            "-s",
            "-HUP",
            "/bin/kill -1 $MAINPID",
        ),
    ]
)
VALUES = st.lists(PIECES, max_size=4).map(" ".join)
LINES = st.builds(lambda key, value: f"{key}={value}", st.sampled_from([*sorted(JUDGED), "\x1b", ""]), VALUES)
TEXTS = st.lists(LINES, max_size=20).map(lambda lines: "\n".join(["[Service]", *lines]))
NAMES = st.sampled_from(["a.service", "a@.service", "a@b-c.service", "@.service"])
RULESETS = st.sampled_from([None, make_ruleset({"/": "write_file", '/a\n"%': "execute"}, abi=9)])


@settings(max_examples=150)
@given(TEXTS, NAMES, RULESETS, st.sampled_from([GROUPS, None]))
def test_any_unit_is_reviewed(text: str, name: str, held: object, groups: object) -> None:
    unit = parse(name, [text])

    found = review(unit, held, groups)  # type: ignore[arg-type] # drawn from values of these types
    review(with_lines(unit, found.suggestions), held, groups)  # type: ignore[arg-type] # likewise

    assert not set("\x1b\u202e\udcff") & set(context_text(found))


@settings(max_examples=150)
@given(TEXTS, NAMES)
def test_of_any_unit_and_any_file_of_a_package_the_code_paths_are_listed(text: str, name: str) -> None:
    unit, _ = expanded(parse(name, [text]))
    files = tuple(
        PackageFile(path, content)
        for path, content in (
            ("/etc/logrotate.d/x", text.replace("=", " {\n") + "}\n/x {\npostrotate"),
            ("/etc/cron.d/x", f"* * * * * {text}\n@daily root {text}"),
            ("/lib/x.timer", text),
            ("/lib/x.service", text),
        )
    )

    found = code_paths("x", unit, files, {"x": files}, Witness(None, Signals()), Recorder(unit, name, ""))

    assert not set("\x1b\u202e\udcff") & set(codepaths_text(found))
