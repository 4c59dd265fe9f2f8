"""`check --format html`: one page that loads nothing, says what JSON says, and reads without its script."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
import requires
from pages import Page, assert_self_contained

from .conftest import Run

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
BIDI = "\u202egnp.exe\u2066"

SHOP = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      volumes:
      - name: host
        hostPath: {path: /var/run}
      containers:
      - name: web
        image: nginx:1.27
        securityContext:
          privileged: true
      - name: side
        image: busybox
        securityContext: {runAsUser: 1000}
"""

GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: tight, namespace: safe}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: app:1
    securityContext:
      allowPrivilegeEscalation: false
      readOnlyRootFilesystem: true
      capabilities: {drop: [ALL]}
"""

FIXED = {"SOURCE_DATE_EPOCH": "1767225600"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "deploy/web.yaml": SHOP,
        "deploy/tight.yaml": f"{GOOD}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: data}}\n",
        "broken.yaml": "kind: Pod\nspec: {containers: [}\n",
        "namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n"
        "  labels: {pod-security.kubernetes.io/enforce: restrictd}\n",
        "odd.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: odd}\n"
        f"spec:\n  containers:\n  - name: {json.dumps(HOSTILE)}\n    image: {json.dumps(BIDI)}\n"
        f"    securityContext: {{runAsUser: 0, {json.dumps(HOSTILE)}: 1}}\n",
    }
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path


def html_of(podproof: Run, *arguments: str) -> str:
    done = podproof("check", *arguments, "--format", "html", env=FIXED)
    assert done.returncode in (0, 1, 4), done.stderr.decode()
    return done.stdout.decode()


def rows(html: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Give anchor, words of the level, and by column its sign, of every row of the matrix."""
    table = re.search(r'<table class="matrix">.*?</table>', html, re.DOTALL)
    assert table is not None
    columns = re.findall(r'class="c[^"]*"><span>(.*?)</span>', table[0])
    for row in re.findall(r"<tr class=.*", table[0]):
        anchor = re.search(r'href="#(.*?)"', row)
        level = re.search(r'class="level (\w+)"', row)
        assert anchor is not None
        assert level is not None
        cells = re.findall(r"<td class=(\w)>([^<]*)", row)
        assert len(cells) == len(columns)
        yield anchor[1], level[1], {name: cell[1] for name, cell in zip(columns, cells, strict=True)}


@pytest.mark.usefixtures("folder")
def test_it_loads_nothing_and_its_anchors_lead_somewhere(podproof: Run) -> None:
    page = assert_self_contained(html_of(podproof, "."))
    assert "script" in page.tags


@pytest.mark.usefixtures("folder")
def test_names_of_others_are_text(podproof: Run) -> None:
    html = html_of(podproof, ".")
    assert "<img" not in html
    assert html.count("<script>") == 1
    assert "onerror" in Page(html).text()
    assert not set("\u202e\u2066") & set(html)


@pytest.mark.usefixtures("folder")
def test_the_matrix_says_what_json_says(podproof: Run) -> None:
    html = html_of(podproof, ".")
    found: Any = json.loads(podproof("check", ".", "--format", "json").stdout)
    shown = list(rows(html))
    assert [level for _, level, _ in shown] == [
        (one["pod_security"] or {"meets": "undecided"})["meets"] for one in found["objects"]
    ]
    for one, (_, _, signs) in zip(found["objects"], shown, strict=True):
        failed = {
            finding["check"]
            for finding in found["findings"]
            if finding["file"] == one["file"] and finding["severity"] == "error"
        }
        assert {name for name, sign in signs.items() if sign == "✗"} - {
            "accepted", "starts", "settings work",
        } == failed & set(signs)  # fmt: skip
        if one["pod_security"]["allowed"]:
            assert set(signs.values()) <= {"✓", "!"}


@pytest.mark.usefixtures("folder")
def test_what_is_not_reported_is_not_called_in_order(podproof: Run) -> None:
    html = html_of(podproof, "deploy/web.yaml", "--ignore", "run-as-non-root,privileged")
    ((_, _, signs),) = rows(html)
    assert "✓" not in {signs["run-as-non-root"], signs["privileged"], signs["sysctls"]}
    assert signs["host-namespaces"] == "✗"
    assert "--ignore" in Page(html).text()


@pytest.mark.usefixtures("folder")
def test_everything_stands_in_it_without_the_script(podproof: Run) -> None:
    html = html_of(podproof, ".")
    text = Page(re.sub(r"<script>.*</script>", "", html, flags=re.DOTALL)).text()
    found: Any = json.loads(podproof("check", ".", "--format", "json").stdout)
    for finding in found["findings"]:
        assert f"{finding['line']}:{finding['column']}" in text
        assert finding["check"] in text
    for word in (
        "2026-01-01 00:00:00 UTC", "restricted:latest", "Deployment shop/web", "privileged",
        "root (UID 0)", "nginx:1.27", "could not be read or decided", "Skipped", "remove",
    ):  # fmt: skip
        assert word in text, word
    assert (
        "seccompProfile:\n  type: RuntimeDefault" in html.replace("\n  ", "\n", 1)
        or "seccompProfile:" in html
    )


@pytest.mark.usefixtures("folder")
def test_the_same_bytes_in_any_number_of_processes_and_from_a_cache(podproof: Run) -> None:
    alone = html_of(podproof, ".", "--jobs", "1")
    assert html_of(podproof, ".", "--jobs", "2") == alone
    assert html_of(podproof, ".", "--cache", "cache", "--exclude", "cache") == html_of(
        podproof, ".", "--cache", "cache", "--exclude", "cache"
    )


@pytest.mark.usefixtures("folder")
def test_an_object_that_stands_twice_has_two_anchors(podproof: Run) -> None:
    page = assert_self_contained(html_of(podproof, "deploy/tight.yaml", "deploy/../deploy/tight.yaml"))
    assert len(set(page.links)) == len([link for link in page.links if link])


def test_a_date_that_is_none(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "pod.yaml").write_text(GOOD)
    done = podproof("check", "pod.yaml", "--format", "html", env={"SOURCE_DATE_EPOCH": "yesterday"})
    assert done.returncode == 2
    assert b"SOURCE_DATE_EPOCH must be seconds since 1970, has 'yesterday'" in done.stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD, "1 workload meets restricted:latest"),
        (SHOP, "1 of 1 workload does not meet restricted:latest"),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: data}\n", "Nothing to check was found"),
        ("kind: Pod\nspec: [", "1 input could not be read or decided"),
    ],
)
def test_the_verdict_comes_first(podproof: Run, tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "one.yaml").write_text(text)
    html = podproof("check", "one.yaml", "--format", "html", env=FIXED).stdout.decode()
    page = assert_self_contained(html)
    assert page.inside("span").find(words) >= 0
    assert words in html[html.index("<h1>") : html.index("</h1>")]


def test_what_cannot_be_read_hides_no_verdict(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "two.yaml").write_text(f"{SHOP}---\nkind: [\n")
    html = podproof("check", "two.yaml", "--format", "html", env=FIXED).stdout.decode()
    head = html[html.index("<h1>") : html.index("</h1>")]
    assert "1 input could not be read or decided; 1 of 1 workload does not meet restricted:latest" in head


def test_what_only_the_whole_run_shows_is_counted(podproof: Run, tmp_path: Path) -> None:
    twin = GOOD.replace("name: tight", "name: twin")
    (tmp_path / "two.yaml").write_text(f"{GOOD}---\n{twin}---\n{twin.replace('1000', '2000')}")
    html = podproof("check", "two.yaml", "--format", "html", env=FIXED).stdout.decode()
    heads = re.findall(r"<summary>(.*?)</summary>", html)
    assert [Page(head).text().split("restricted ")[1].split(" two.yaml")[0] for head in heads] == [
        "i 1 note",
        "i 1 note",
        "✓ no findings",
    ]
    assert html.count("shared-user-id</code>") == 3  # two findings and the glossary
    assert "\0" not in html
    assert "\1" not in html


@requires.needs(browser.NEEDED)
@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_overflows_in_a_browser(podproof: Run, tmp_path: Path, width: int) -> None:
    measured, said = browser.measure(html_of(podproof, "."), width, tmp_path)
    assert said == []
    assert measured["wide"] == []
    assert measured["scroll"] <= measured["room"]
    assert measured["script"], "the script did not run"
