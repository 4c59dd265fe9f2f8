"""`explain --format html`: verdict and picture first, dangerous values marked, nothing is loaded."""

import json
import re
from pathlib import Path

import browser
import pytest
import requires
from pages import Page, assert_self_contained

from .conftest import Run

FIXED = {"SOURCE_DATE_EPOCH": "1767225600"}

HOSTILE = "</style><script>alert(1)</script>\"'><img src=x onerror=alert(1)>\u202e"

PODS = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: risky, namespace: shop}}
spec:
  hostNetwork: true
  volumes:
  - name: sock
    hostPath: {{path: /var/run}}
  containers:
  - name: {json.dumps(HOSTILE)}
    image: {json.dumps(HOSTILE)}
    ports: [{{containerPort: 80}}]
    volumeMounts: [{{name: sock, mountPath: {json.dumps("/" + HOSTILE)}}}]
    securityContext: {{privileged: true, runAsUser: 0}}
---
apiVersion: v1
kind: Pod
metadata: {{name: tight}}
spec:
  automountServiceAccountToken: false
  securityContext:
    {{runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
  - name: app
    image: app:1
    securityContext: {{allowPrivilegeEscalation: false, capabilities: {{drop: [ALL]}}}}
"""


@pytest.fixture
def html(podproof: Run, tmp_path: Path) -> str:
    (tmp_path / "pods.yaml").write_text(PODS, encoding="utf-8")
    done = podproof("explain", "pods.yaml", "--format", "html", env=FIXED)
    again = podproof("explain", "pods.yaml", "--format", "html", env=FIXED)
    assert done.stdout == again.stdout
    return str(done.stdout.decode())


def test_it_loads_nothing_and_has_no_script(html: str) -> None:
    page = assert_self_contained(html)
    assert "script" not in page.tags
    assert "<img" not in html
    assert "\u202e" not in html
    assert page.tags.count("svg") == 4  # two pods, each for wide and for narrow screens


def test_what_comes_first(html: str) -> None:
    head = Page(html[html.index("<header>") : html.index("</header>") + 9]).text()
    for words in (
        "2026-01-01 00:00:00 UTC",
        "pods.yaml",
        "v1.37",
        "1 privileged",
        "1 run as root",
        "network",
    ):
        assert words in head, words


def test_dangerous_values_have_a_sign(html: str) -> None:
    risky, tight = html.split('id="pod-2"')
    for value in ("0", "true", "Unconfined"):
        assert f'<td class="bad">▲ {value}</td>' in risky
    assert '<td class="bad">' not in tight
    assert "▲" not in tight


def test_one_field_has_no_picture(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "pods.yaml").write_text(PODS, encoding="utf-8")
    page = podproof(
        "explain", "pods.yaml", "--format", "html", "--field", "runAsUser", env=FIXED
    ).stdout.decode()
    assert "<svg" not in page
    assert assert_self_contained(page).tags.count("tr") == 4


def test_many_objects_are_folded_below_what_matters(podproof: Run, tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p%d}\nspec: {containers: [{name: a, image: b}]}\n"
    texts = [pod % number for number in range(13)]
    texts[3] = texts[3].replace("image: b", "image: b, securityContext: {runAsUser: 0, privileged: true}")
    (tmp_path / "pods.yaml").write_text("---\n".join(texts), encoding="utf-8")
    html = podproof("explain", "pods.yaml", "--format", "html", env=FIXED).stdout.decode()
    page = assert_self_contained(html)
    assert page.tags.count("details") == 13
    heads = re.findall(r"<summary>(.*?)</summary>", html)
    assert "▲ run as root" in heads[3]
    assert "▲ privileged" in heads[3]
    assert "privileged" not in heads[4]
    # a link unfolds what it leads to: the target is within the details
    assert html.count('</summary><section id="pod-4"') == 1


@requires.needs(browser.NEEDED)
@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_overflows_in_a_browser(html: str, tmp_path: Path, width: int) -> None:
    measured, said = browser.measure(html, width, tmp_path)
    assert said == []
    assert measured["wide"] == []
    assert measured["scroll"] <= measured["room"]
