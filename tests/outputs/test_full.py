"""The frame around a finding: marks stand under what they mean, whatever the line holds."""

import pytest
from cost import LINEAR, growth

from podproof.findings import Finding, Severity
from podproof.manifest.file_text import Place
from podproof.outputs.check_full import render
from podproof.outputs.plain import width
from podproof.results.checked import Checked, Located, Summary

SUMMARY = Summary(14, 31, 18, 43, 13, 0, 7, 2, 0, 0.038, 0)


def _render(
    lines: list[str], place: tuple[int, int, int, int], *, columns: int = 160, **rest: object
) -> list[str]:
    line, column, end_line, end_column = place
    finding = Finding("privileged", Severity.ERROR, "message", label="label", help=("help",))
    located = Located(
        finding, "a.yaml", Place(line, column, 0, end_line, end_column, 0), 1, lines=lines, **rest
    )  # type: ignore[arg-type]  # passed through
    result = Checked("restricted", "latest", "v1.37", "v1.37", SUMMARY, (), (located,), ())
    return render(result, columns=columns).splitlines()


def test_a_whole_finding_and_the_ledger() -> None:
    assert _render(
        ["a:", "  b: true", "  c: 1", "d: 2"], (3, 6, 3, 7), related=((Place(1, 1, 0, 1, 2, 0), "see"),)
    ) == [
        "a.yaml:3:6  error  privileged  message",
        "   │",
        " 1 │ a:",
        "   │ ^ see",
        " 2 │   b: true",
        " 3 │   c: 1",
        "   │      ^ label",
        "   │",
        "   = help",
        "",
        "14 files · 31 documents · 18 workloads, 43 containers checked · 13 other objects · 0 skipped"
        "    7 errors, 2 warnings    38 ms",
    ]


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("a: true", 4, 8),
        ("\ta: true", 5, 9),
        ("名前: 値", 5, 6),
        ("é: e\u0301x", 4, 6),
        ("a: \x1b[31mred", 4, 5),
        ("a: \u202egnol", 4, 5),
        ("a: true\r", 4, 8),
        ("a: \ud800", 4, 5),
    ],
)
def test_marks_stand_below_their_text(line: str, start: int, end: int) -> None:
    shown, marks = _render([line], (1, start, 1, end))[2:4]
    before = shown[5 : 5 + shown[5:].index(":") + 2]
    assert marks.index("^") - 5 == width(before)
    assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 or c == "\u202e" for c in shown)


def test_long_lines_are_cut_around_the_mark() -> None:
    line = "x" * 1000 + "HERE" + "y" * 1000
    shown, marks = _render([line], (1, 1001, 1, 1005), columns=80)[2:4]
    assert len(shown) <= 80
    assert shown[marks.index("^") :].startswith("HERE")
    assert marks.count("^") == 4


def test_a_place_beyond_the_text_has_no_frame() -> None:
    assert _render([], (1, 1, 1, 2))[:2] == ["a.yaml:1:1  error  privileged  message", "   = help"]


def test_counts_of_one() -> None:
    one = Summary(1, 1, 1, 1, 1, 1, 1, 1, 1, 1.25, 0)
    text = render(Checked("restricted", "latest", "v1.37", "v1.37", one, (), (), ()))
    assert text == (
        "1 file · 1 document · 1 workload, 1 container checked · 1 other object · 1 skipped"
        "    1 error, 1 warning, 1 note    1.2 s\n"
    )


def _advice(count: int, check: str = "low-user-id", severity: Severity = Severity.NOTE) -> list[Located]:
    return [
        Located(
            Finding(check, severity, f"message {number}", label="label", help=("help",), advice=True),
            "a.yaml",
            Place(number, 1, 0, number, 2, 0),
            1,
            lines=["a: 1"] * count,
        )
        for number in range(1, count + 1)
    ]


def _report(found: list[Located], *, verbose: bool = False) -> str:
    result = Checked("restricted", "latest", "v1.37", "v1.37", SUMMARY, (), tuple(found), ())
    return render(result, verbose=verbose)


def test_advice_is_a_line_each_after_what_is_wrong() -> None:
    error = Located(Finding("privileged", Severity.ERROR, "bad"), "a.yaml", Place(2, 1, 0, 2, 2, 0), 1)
    lines = _report([*_advice(2), error]).splitlines()
    assert lines[:5] == [
        "a.yaml:2:1  error  privileged  bad",
        "",
        "a.yaml:1:1  note  low-user-id  message 1",
        "a.yaml:2:1  note  low-user-id  message 2",
        "",
    ]


def test_much_advice_is_counted_and_verbose_lists_it() -> None:
    error = Located(Finding("privileged", Severity.ERROR, "bad"), "a.yaml", Place(2, 1, 0, 2, 2, 0), 1)
    found = [error, *_advice(6), *_advice(1100, "writable-root-filesystem"), *_advice(5, "shared-user-id")]
    text = _report(found)
    assert text.count("  note  ") == 15
    assert (
        "\n1,096 more notes (--verbose lists them): low-user-id 1, writable-root-filesystem 1,095\n" in text
    )
    assert "\n1 more note (--verbose lists them): low-user-id 1\n" in _report([error, *_advice(6)])
    assert _report(found, verbose=True).count("  note  ") == 1111
    # with nothing to drown, nothing is held back
    assert _report(_advice(20)).count("  note  ") == 20


def test_advice_that_was_ranked_higher_is_shown_whole() -> None:
    text = _report(_advice(1, severity=Severity.WARNING))
    assert "a.yaml:1:1  warning  low-user-id  message 1\n" in text
    assert "^ label" in text
    assert "= help" in text


def test_many_findings_on_one_long_line_cost_what_they_show() -> None:
    """A whole dump of a cluster may stand on one line; what is far from a mark is not looked at."""

    def work(count: int) -> None:
        line = '{"a": true}' * count
        located = tuple(
            Located(
                Finding("privileged", Severity.ERROR, "message"),
                "a.json",
                Place(1, 7 + 11 * index, 0, 1, 11 + 11 * index, 0),
                1,
                lines=[line],
            )
            for index in range(count)
        )
        render(Checked("restricted", "latest", "v1.37", "v1.37", SUMMARY, (), located, ()))

    assert growth(work, 1500) < LINEAR


@pytest.mark.parametrize("columns", [40, 160])
def test_a_mark_far_to_the_right_stands_below_what_it_means(columns: int) -> None:
    line = "x" * 5000 + "VALUE" + "y" * 5000
    shown = _render([line], (1, 5001, 1, 5006), columns=columns)
    source, mark = shown[2], shown[3]
    assert source[mark.index("^") :].startswith("VALUE")
    assert source.endswith("…")
    assert len(source) <= columns
