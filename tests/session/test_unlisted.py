"""Many findings about one object: the first of each check are listed, the others are counted."""

from cost import LINEAR, growth

from podproof.findings import MOST_LISTED, Severity
from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.outputs.check_full import render
from podproof.results.check_result import make_check_result
from podproof.results.checked import Checked
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection

HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: c, image: i}]\n"


def checked(text: str, *select: str) -> Checked:
    """Check a text as `podproof check --select ... --level baseline` does."""
    judge = make_judge(ProjectConfiguration(), level="baseline")
    selection = make_selection(ProjectConfiguration(), select=select, ignore=())
    data = text.encode()
    items = [(item, data) for item in read_file(InputFile("f.yaml", data))]
    return check(items, judge, selection)


def test_what_is_not_listed_is_counted_everywhere() -> None:
    result = checked(HEAD + "".join(f"  unknown{n}: 1\n" for n in range(MOST_LISTED + 1234)), "unknown-field")
    assert len(result.findings) == MOST_LISTED
    (left,) = result.unlisted
    assert (left.check, left.severity, left.count) == ("unknown-field", Severity.ERROR, 1234)
    assert result.summary.errors == MOST_LISTED + 1234
    assert make_check_result(result).unlisted == result.unlisted
    assert "f.yaml:1  error  unknown-field  and 1,234 more in Pod a, not listed\n" in render(result)


def test_broken_documents_of_a_file_are_listed_up_to_a_number() -> None:
    text = "---\na: [\n" * (MOST_LISTED + 12) + "---\n" + HEAD
    result = checked(text)
    assert [located.place.line for located in result.findings if located.finding.check == "unreadable"] == [
        3 + 2 * number for number in range(MOST_LISTED)
    ]
    (left,) = (entry for entry in result.unlisted if entry.check == "unreadable")
    assert (left.file, left.line, left.object, left.count) == ("f.yaml", 2 * MOST_LISTED + 1, None, 12)
    assert result.undecided == len(result.skipped) == MOST_LISTED + 12
    assert result.summary.errors >= MOST_LISTED + 12
    assert "unreadable  and 12 more in this file, not listed\n" in render(result)


def test_findings_that_fit_are_all_listed() -> None:
    result = checked(HEAD + "".join(f"  unknown{n}: 1\n" for n in range(MOST_LISTED)), "unknown-field")
    assert (len(result.findings), result.unlisted) == (MOST_LISTED, ())
    assert "not listed" not in render(result)


def test_objects_do_not_share_the_list() -> None:
    text = HEAD + "".join(f"  unknown{n}: 1\n" for n in range(MOST_LISTED))
    result = checked(f"{text}---\n{text}", "unknown-field")
    assert (len(result.findings), result.unlisted) == (2 * MOST_LISTED, ())


def test_a_key_that_stands_a_thousand_times_is_one_finding() -> None:
    result = checked(HEAD + "  hostPID: true\n" * 1000, "duplicate-key")
    (only,) = result.findings
    assert only.place.line == 1005
    assert [place.line for place, _ in only.related] == list(range(6, 16))
    assert only.more_related == 989
    assert "= and 989 more places that are not shown" in render(result)


def test_keys_that_stand_often_cost_what_they_are() -> None:
    def repeated(count: int) -> None:
        checked(HEAD + "  hostPID: true\n" * count, "duplicate-key")

    def in_a_list(count: int) -> None:
        pod = "- {kind: Pod, apiVersion: v1, kind: Pod, spec: {containers: []}}\n"
        checked("apiVersion: v1\nkind: List\nitems:\n" + pod * count, "duplicate-key")

    assert growth(repeated, 500) < LINEAR
    assert growth(in_a_list, 30) < LINEAR


def test_unknown_fields_cost_what_they_are() -> None:
    def unknown(count: int) -> None:
        checked(HEAD + "".join(f"  hostNetwrk{n}: 1\n" for n in range(count)), "unknown-field")

    assert growth(unknown, 200) < LINEAR
