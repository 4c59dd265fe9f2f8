"""What keeps a file from being read as it is meant: a star without quotes, a line of dots in the middle."""

from pathlib import Path

import pytest

from podproof.results.fixed import Fixed
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.options import FixOptions
from podproof.session.fix.pipeline import fix_manifests
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

POLICY = """\
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: p}
spec:
  privileged: false
  volumes:
  - *   # all of them
  allowedCapabilities: [*]
"""

CUT = """\
apiVersion: v1
kind: Pod
metadata: {name: a}   # ours
...
# what matters
spec:
  hostPID: true
  containers:
  - {name: a, image: i}
"""


def fixed(path: Path, text: str, level: str = "baseline", select: str = "", **options: object) -> Fixed:
    file = path / "a.yaml"
    file.write_bytes(text.encode())
    settings = ProjectConfiguration()
    judge = make_judge(
        settings,
        level=level,
        kubernetes_version=None,
        runtime=None,
        images={},
        node=None,
        feature_gates=(),
    )
    given = FixOptions(**options)  # type: ignore[arg-type]
    selection = make_selection(settings, select=[select] if select else ())
    return fix_manifests(collect([str(file)]), judge, selection, given)


def after(result: Fixed) -> str:
    (file,) = result.files
    assert file.refused == ""
    return file.after.decode()


def decisions(result: Fixed) -> list[str]:
    return [
        f"{one.kind} {one.what}" for file in result.files for each in file.objects for one in each.decisions
    ]


def test_stars_are_put_in_quotes_and_nothing_else_changes(tmp_path: Path) -> None:
    result = fixed(tmp_path, POLICY)
    assert after(result) == POLICY.replace("*", "'*'")
    assert decisions(result) == ["same '*' in quotes", "same '*' in quotes"]
    assert result.unreadable == ()
    assert result.mended == 2
    again = fixed(tmp_path, after(result))
    assert decisions(again) == []


def test_what_is_quoted_may_move(tmp_path: Path) -> None:
    text = POLICY.replace("  volumes:\n  - *   # all of them\n", "") + "volumes:\n- *   # all\n"
    result = fixed(tmp_path, text)
    written = after(result)
    assert "  volumes:\n  - '*'\n" in written.replace('"', "'")
    assert "# all" in written
    assert "allowedCapabilities: ['*']" in written
    assert decisions(fixed(tmp_path, written)) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_dots_that_cut_an_object_go(tmp_path: Path, end: str, mark: str) -> None:
    result = fixed(tmp_path, mark + CUT.replace("\n", end))
    expected = CUT.replace("...\n", "").replace("  hostPID: true\n", "")
    assert after(result) == mark + expected.replace("\n", end)
    assert decisions(result) == ["guess remove the line ...", "tighter remove hostPID"]
    (entry,) = result.files[0].objects
    assert entry.line == 1


def test_a_comment_beside_the_dots_stays(tmp_path: Path) -> None:
    result = fixed(tmp_path, CUT.replace("...\n", "...   # and so on\n"))
    assert "# ours\n# and so on\n# what matters\n" in after(result)


def test_what_is_left_has_the_line_of_the_file_as_it_is(tmp_path: Path) -> None:
    text = CUT.replace("hostPID: true", "protectMe: true")
    result = fixed(tmp_path, text)
    (left,) = result.files[0].objects[0].left
    assert (left.line, text.splitlines()[left.line - 1]) == (7, "  protectMe: true")


def test_dots_between_objects_become_a_separator(tmp_path: Path) -> None:
    one = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: i}]}\n"
    result = fixed(tmp_path, f"{one}...\n{one.replace('a', 'b', 0)}")
    assert after(result) == f"{one}---\n{one}"
    assert decisions(result) == ["guess --- in place of ..."]
    assert decisions(fixed(tmp_path, after(result))) == []


WHOLE = CUT.replace("...\n", "").replace("  hostPID: true\n", "")


@pytest.mark.parametrize(
    "text",
    [
        WHOLE + "...\n",
        WHOLE + "...\n# the end\n",
        f"{WHOLE}...\n---\n{WHOLE}",
        f"{WHOLE}...\nspec: {{hostPID: false}}\n",
        f"{WHOLE}...\nkind: Pod\n",
        f"{WHOLE}...\n- a\n",
        WHOLE.replace("# what matters", "# ..."),
    ],
    ids=[
        "at the end",
        "and a comment",
        "before ---",
        "twice the same key",
        "no object",
        "a list",
        "a comment",
    ],
)
def test_dots_that_nobody_misses_stay(tmp_path: Path, text: str) -> None:
    result = fixed(tmp_path, text)
    assert decisions(result) == []
    assert all(file.after == file.before for file in result.files)


def test_repairs_need_their_kind(tmp_path: Path) -> None:
    assert decisions(fixed(tmp_path, CUT, kinds=frozenset(("same", "tighter")))) == ["tighter remove hostPID"]
    assert decisions(fixed(tmp_path, POLICY, kinds=frozenset(("guess",)))) == []


def test_what_stays_broken_is_not_touched(tmp_path: Path) -> None:
    result = fixed(tmp_path, POLICY + "x: [\n")
    assert decisions(result) == []
    assert len(result.unreadable) == 1


def test_repairs_are_made_where_their_check_was_asked_for(tmp_path: Path) -> None:
    assert decisions(fixed(tmp_path, CUT, select="host-namespaces")) == ["tighter remove hostPID"]
    assert decisions(fixed(tmp_path, CUT, select="fragment")) == ["guess remove the line ..."]


def test_a_file_of_dots_is_left_as_it_is(tmp_path: Path) -> None:
    one = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: i}]}\n"
    assert len(decisions(fixed(tmp_path, "...\n".join([one] * 101)))) == 100
    assert decisions(fixed(tmp_path, "...\n".join([one] * 102))) == []
