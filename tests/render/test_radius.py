"""The radius in the notes: the figure, what it is made of, and names that stay in their cells."""

from assistant.domain.radius import Opening, Radius, Reached, Sensitive, Use
from assistant.render.radius import radius_data, radius_text


def _radius(*openings: Opening, used: int | None = 3, complete: bool = True) -> Radius:
    reached = tuple(Reached(use, 10 if use is Use.READ else 1, used) for use in Use)
    return Radius(reached, openings, complete)


def _opening(
    path: str = "/etc/app", sensitive: tuple[Sensitive, ...] = (), *, complete: bool = True
) -> Opening:
    return Opening(path, Use.READ, 12, 10, 3, sensitive, complete)


def test_the_figure_says_what_it_is_made_of() -> None:
    text = radius_text(_radius(_opening()))

    assert text.startswith(
        "Blast radius: **12** = 10 private files that it may read + 1 files that it may change"
        " + 1 programs that it may run. The traces used of these: 3 to read, 3 to write, 3 to execute."
    )
    assert "| `/etc/app` | read | 12 | 3 | 10 | none |" in text


def test_a_lower_bound_is_called_one() -> None:
    text = radius_text(_radius(_opening(complete=False), complete=False))

    assert "Blast radius: **at least 12**" in text
    assert "| at least 12 | 3 | at least 10 |" in text


def test_what_was_not_looked_at_is_unknown() -> None:
    assert radius_text(None).startswith("Unknown: ")
    assert "is unknown: no trace was given" in radius_text(_radius(used=None))


def test_many_grants_and_many_names_are_counted_and_not_shown() -> None:
    names = tuple(Sensitive(f"/etc/{number}.key", "its name says key or password") for number in range(9))
    text = radius_text(_radius(*(_opening(f"/{number}", names) for number in range(20))))

    assert text.endswith("and 8 more.")
    assert text.count("and 6 more |") == 12
    assert len(radius_data(_radius(_opening(sensitive=names)))["grants"][0]["sensitive"]) == 9


def test_no_name_leaves_its_cell() -> None:
    hostile = "/a|b\n| x | y |`</td>\x1b[2J\u202e\udcff"
    text = radius_text(_radius(_opening(hostile, (Sensitive(hostile, "a key"),))))

    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 3
    assert all(line.isprintable() for line in text.splitlines())
    assert radius_data(_radius(_opening(hostile)))["grants"][0]["path"].encode("utf-8")
