"""The runner of documents is run itself, with checks whose fixes are wrong: each has to be noticed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from check_documents import Case, EveryFixIsShown, Page

from podproof.edits.edit import Edit, Fix
from podproof.manifest.route import Route

DOCUMENT = Path(__file__).parent / "run_as_non_root.md"
POD = """```yaml
kind: Pod
spec:
  containers:
  - name: web  # error: [run-as-non-root]
```
"""
FINE = """```yaml
kind: Pod
spec:
  containers:
  - name: web
    securityContext:
      runAsNonRoot: true
```
"""
DIFF = """```diff
   - name: web
+    securityContext:
+      runAsNonRoot: true
```
"""

Plant = Callable[[Route], tuple[Edit, ...]]
"""Makes the edits of a fix from the route of runAsNonRoot, in the container or in the pod."""


def failures(request: pytest.FixtureRequest, path: Path) -> list[str]:
    """Run a document and give the first line of what each failing item says."""
    messages = []
    for item in Page.from_parent(request.session, path=path).collect():
        assert isinstance(item, Case | EveryFixIsShown)
        try:
            item.runtest()
        except AssertionError as error:
            messages.append(str(error).split("\n")[0])
    return messages


def put(route: Route, value: Any = True) -> Edit:
    return Edit(route, "set", value)


PLANTS: dict[str, tuple[Plant, str]] = {
    "removes the security context": (
        lambda route: (Edit(route[:-1], "remove"), put(route)),
        "the fix changes what no finding is about",
    ),
    "removes the container": (
        lambda route: (Edit(route[:-2], "remove"),),
        "the fix changes what no finding is about",
    ),
    "writes the container anew": (
        lambda route: (put(route[:-2], {"name": "web", "image": "nginx"}), put(route)),
        "the fix changes what no finding is about",
    ),
    "sets a field beside": (
        lambda route: (put(route), put((*route[:-1], "privileged"), False)),
        "the fix changes what no finding is about",
    ),
    "makes a mapping beside": (
        lambda route: (put(route), put((*route[:-2], "resources"), {})),
        "the fix changes what no finding is about",
    ),
    "does nothing": (lambda _: (), "the fix of container "),
    "does not help": (lambda route: (put(route, False),), "the fix leaves what it is for"),
    "is refused by the server": (
        lambda route: (put(route), put((*route[:-1], "runAsUser"), -1)),
        "the API server refuses what one fix makes",
    ),
}


def test_the_documents_fixes_are_right(request: pytest.FixtureRequest) -> None:
    assert failures(request, DOCUMENT) == []


@pytest.mark.parametrize("name", PLANTS)
def test_a_wrong_fix_is_noticed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plant, message = PLANTS[name]
    monkeypatch.setattr("podproof.checks.run_as_non_root.set_value", lambda route, _: Fix(plant(route)))
    messages = failures(request, DOCUMENT)
    assert any(each.startswith(message) for each in messages), messages


@pytest.mark.parametrize("name", PLANTS)
def test_a_wrong_fix_is_noticed_where_no_diff_shows_it(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    plant, message = PLANTS[name]
    monkeypatch.setattr("podproof.checks.run_as_non_root.set_value", lambda route, _: Fix(plant(route)))
    page = tmp_path / DOCUMENT.name
    page.write_text(re.sub(r"^```diff\n.*?^```$", "", DOCUMENT.read_text(), flags=re.DOTALL | re.MULTILINE))
    messages = failures(request, page)
    assert any(each.startswith(message) for each in messages), messages


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param(POD + DIFF, [], id="right"),
        pytest.param(POD, ["write a pod with a diff block that shows "], id="no-diff"),
        pytest.param(
            POD + DIFF.replace("true", "false"), ["the fix differs from the diff"], id="another-value"
        ),
        pytest.param(
            POD + DIFF.replace("true\n", "true\n+      privileged: false\n"),
            ["the fix differs from the diff"],
            id="more-than-the-fix",
        ),
        pytest.param(
            POD + DIFF.replace("name: web", "name: api"),
            ["the diff does not apply to the pod"],
            id="another-pod",
        ),
        pytest.param(
            FINE,
            ["run_as_non_root.py makes fixes, but no pod has one"],
            id="no-finding",
        ),
        pytest.param(
            FINE + DIFF,
            [
                "there is a diff, but no finding has a fix",
                "run_as_non_root.py makes fixes, but no pod has one",
            ],
            id="diff-without-finding",
        ),
    ],
)
def test_a_diff_shows_the_fix_and_nothing_else(
    request: pytest.FixtureRequest, tmp_path: Path, text: str, messages: list[str]
) -> None:
    page = tmp_path / DOCUMENT.name
    page.write_text(text)
    printed = failures(request, page)
    assert len(printed) == len(messages), printed
    for message, each in zip(messages, printed, strict=True):
        assert each.startswith(message)


def test_a_diff_that_follows_no_pod_is_noticed(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    page = tmp_path / DOCUMENT.name
    page.write_text(POD + "\nWords between.\n\n" + DIFF)
    with pytest.raises(AssertionError, match="a diff is misplaced"):
        failures(request, page)
