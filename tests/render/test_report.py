"""A report as text: what is left out is counted, and nothing that is shown."""

from assistant.domain.finding import find
from assistant.domain.report import Report
from assistant.render.report import report_text


def test_all_blocking_findings_are_shown_and_none_is_counted_as_left_out() -> None:
    report = Report.of(find("invented-path", f"/{n}", "no line") for n in range(9))

    text = report_text(report)

    assert text.count("invented-path: /") == 9
    assert "more" not in text


def test_of_many_lesser_findings_the_first_are_shown_and_the_rest_is_counted() -> None:
    report = Report.of(find("broad-grant", f"/{n}", "wide") for n in range(9))

    text = report_text(report)

    assert text.count("broad-grant: /") == 5
    assert "(4 more broad-grant)" in text
