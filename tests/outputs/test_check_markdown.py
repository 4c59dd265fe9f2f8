"""The comment on a pull request, rendered by GitHub's own parser: what manifests say stays text."""

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from reported import ALLOWED, HOSTILE, POD, written

from podproof.results.checked import Suppression

Write = Callable[..., str]


@pytest.fixture
def markdown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    def write(files: Mapping[str, str], **options: Any) -> str:
        text = written(tmp_path, monkeypatch, "markdown", files, **options)
        assert len(text.encode("utf-16-le")) // 2 < 65_536
        return text

    return write


class _Tags(HTMLParser):
    """Collects tags, with their attributes, and the text that stands in no code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self._code = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self._code += tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag == "code"

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.text += data


def _render(text: str) -> str:
    html: str = cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE)
    return html


def test_a_whole_comment(markdown: Write) -> None:
    text = markdown({"a.yaml": POD, "b.yaml": ALLOWED, "c.yaml": "# nothing\n"}, level="baseline")
    assert text == (
        "<!-- podproof -->\n"
        "### Podproof: 1 error at `baseline:latest`\n"
        "\n"
        "1 error, 0 warnings, 1 note. Kubernetes v1.37 · 2 files · 2 documents · 2 workloads, 2 containers"
        " checked · 0 other objects · 1 skipped.\n"
        "\n"
        "| Object | Place | Pod Security | Errors | Warnings |\n"
        "|---|---|---|--:|--:|\n"
        "| `Pod shop/web` | `a.yaml:1` | meets privileged; baseline lacks 1 | 1 | 0 |\n"
        "\n"
        "<details><summary><code>Pod shop/web</code></summary>\n"
        "\n"
        "| Line | Severity | Check | Message |\n"
        "|--:|---|---|---|\n"
        '| 9:19 | error | `privileged` | `container "web" must not be privileged, has privileged: true` |\n'
        "\n"
        "</details>\n"
        "\n"
        "Advice: `writable-root-filesystem` 1.\n"
        "\n"
        "<details><summary>Skipped: 1</summary>\n"
        "\n"
        "- `c.yaml:1` `the file is empty (nothing but blanks and comments)`\n"
        "\n"
        "</details>\n"
    )
    html = _render(text)
    assert html.count("<table>") == 2
    assert _Tags(html).tags >= {"h3", "table", "details", "summary", "code"}


@pytest.mark.parametrize(
    ("files", "exit_code", "verdict"),
    [
        ({"a.yaml": ALLOWED}, 0, "no errors at `restricted:latest`"),
        ({"a.yaml": POD}, 1, "5 errors at `restricted:latest`"),
        ({"a.yaml": "kind: [\n", "b.yaml": POD}, 4, "incomplete, 1 input could not be read or decided"),
        ({}, 3, "nothing to check was found"),
        ({"a.yaml": ALLOWED}, 1, "failed, without errors at `restricted:latest`"),
    ],
)
def test_the_verdict_comes_first(
    markdown: Write, files: dict[str, str], exit_code: int, verdict: str
) -> None:
    lines = markdown(files, exit_code=exit_code).splitlines()
    assert lines[:2] == ["<!-- podproof -->", f"### Podproof: {verdict}"]


FILE_NAME = "<img src=x> @a `b` |c| [d](http:) #1 \x07\u202e.yaml"

CUSTOM = """\
apiVersion: example.dev/v1
kind: '<b>@all|'
metadata: {name: '</code></details>`|![x](y)'}
spec: {securityContext: {a: 1}, containers: [{name: '`</code><img src=x>', privileged: 1}]}
"""


def test_hostile_names_stay_text(markdown: Write) -> None:
    files = {"a.json": HOSTILE, FILE_NAME: POD, f"skipped {FILE_NAME}": "# nothing\n", "c.yaml": CUSTOM}
    text = markdown(files)
    html = _render(text)
    seen = _Tags(html)
    assert seen.tags <= {
        *("h3", "p", "table", "thead", "tbody", "tr", "th", "td", "code", "details", "summary", "ul", "li"),
    }
    assert seen.attributes <= {"align"}
    for sign in ("@", "http", "#1", "script", "alert", "nnnn"):
        assert sign not in seen.text
    cells = [row.count("<td") for row in html.split("<tr>")[1:] if "<td" in row]
    assert set(cells) <= {4, 5}


def test_a_comment_is_never_too_long(markdown: Write) -> None:
    name = "😀" * 60
    files = {
        f"{number}.yaml": POD.replace("name: web", f'name: "{name}{number}"').replace("nginx", "n😀" * 50)
        for number in range(400)
    }
    files |= {f"{name}{number}.yaml": "# nothing\n" for number in range(30)}
    text = markdown(files)
    assert len(text.encode("utf-16-le")) // 2 > 30_000
    more = re.search(r"\n([\d,]+) more objects have errors or warnings\.\n", text)
    left = re.search(r"\nThe details of ([\d,]+) objects are left out: there is no room\.\n", text)
    assert more is not None
    assert left is not None
    assert text.count("| meets") + int(more[1]) == 400
    assert text.count("<details><summary><code>") + int(left[1]) == 400
    assert "- and 20 more\n" in text
    assert text.rstrip().endswith("</details>")


def test_many_findings_of_one_object_are_counted(markdown: Write) -> None:
    container = "    - {{name: c{}, image: x, securityContext: {{privileged: true}}}}\n"
    header = "apiVersion: v1\nkind: Pod\nmetadata: {name: many}\nspec:\n    containers:\n"
    text = markdown({"a.yaml": header + "".join(map(container.format, range(120)))}, level="baseline")
    assert "| `Pod many` | `a.yaml:1` | meets privileged; baseline lacks 1 | 120 | 0 |" in text
    assert text.count("| error | `privileged` |") == 25
    assert "\n95 more are not shown.\n" in text


def test_what_is_accepted_is_counted_only(markdown: Write) -> None:
    told = {"privileged": Suppression("ignore", "known")}
    text = markdown({"a.yaml": POD}, suppress=told, level="baseline", exit_code=0)
    assert "`privileged`" not in text
    assert "| Object |" not in text
