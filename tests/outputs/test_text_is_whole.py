"""Text with --verbose has every finding of the JSON, and what it says to add silences them."""

import re

import pytest
from custom_checks import check_text

from podproof.outputs.check_text import render
from podproof.results.check_result import make_check_result

CONTAINERS = """\
  - name: bare
    image: a
  - name: some
    securityContext:
      capabilities:
        add: [NET_BIND_SERVICE]
  - name: all-wrong
    securityContext: {privileged: true, runAsUser: 0, capabilities: {add: [SYS_ADMIN, NET_ADMIN]}}
  - {name: flow, image: b}
  - name: empty
    securityContext:
  - name: unknown
    securityContext: {runAsNotRoot: true, runAsUser: 7}
"""
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop, unknown: 1}}
spec:
  hostPID: true
  volumes: [{{name: v, hostPath: {{path: /}}}}]
  containers:
{CONTAINERS}"""
BROKEN = "---\nkind: Pod\nspec: *\n"
ROLE = """\
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: psp}
rules: [{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}]
"""

_ROW = re.compile(r" +(\d+):(\d+) +(error|warning|note) +(\S+) +(.*)")
_ADVICE = re.compile(r"    a\.yaml:(\d+):(\d+)  (.*)")
_COUNTED = re.compile(r" +[\d,]+  (\S+)  ")


def said(text: str) -> set[tuple[int, int, str, str]]:
    """Read line, column, check and message of each finding out of a text with lines of any width."""
    found = set()
    check = ""
    for line in text.splitlines():
        if row := _ROW.fullmatch(line):
            found.add((int(row[1]), int(row[2]), row[4], row[5]))
        elif row := _ADVICE.fullmatch(line):
            found.add((int(row[1]), int(row[2]), check, row[3]))
        elif row := _COUNTED.match(line):
            check = row[1]
    return found


@pytest.mark.parametrize("level", ["restricted", "baseline", "privileged"])
@pytest.mark.parametrize("text", [POD, POD + BROKEN, POD + ROLE + POD.join(["---\n", ""])])
def test_verbose_text_has_every_finding_of_the_json(text: str, level: str) -> None:
    checked = check_text(text, level)
    findings = make_check_result(checked).findings
    assert len(findings) > 10
    shown = said(render(checked, verbose=True, columns=100_000))
    wanted = set()
    for finding in findings:
        message = finding.message
        if (
            finding.container is not None
            and (finding.line, finding.column, finding.check, message) not in shown
        ):
            message = message.removeprefix(f'container "{finding.container.name}" ')
        wanted.add((finding.line, finding.column, finding.check, message))
    assert shown == wanted


def pasted(text: str, shown: str) -> str:
    """Add to a text what the frames of a report say, where they say it."""
    lines = text.splitlines()
    added: dict[int, list[str]] = {}
    inside: dict[int, list[tuple[int, str]]] = {}
    frames = re.findall(r" +(\d+) │ .*\n +│ ( *)\^+ (add:|add inside the braces:)\n((?: +│ .*\n)+)", shown)
    for number, blank, word, rest in frames:
        what = [line.split("│ ", 1)[1] for line in rest.splitlines()]
        if word == "add:":
            added[int(number)] = what
        else:
            start = lines[int(number) - 1].index("{", len(blank))
            inside.setdefault(int(number), []).append((start, " ".join(what)))
    out: list[str] = []
    for number, line in enumerate(lines, 1):
        for start, text_inside in sorted(inside.get(number, ()), reverse=True):
            line = f"{line[: start + 1]}{text_inside} {line[start + 1 :]}"
        out += [line, *added.get(number, ())]
    return "\n".join(out) + "\n"


HEAD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"


@pytest.mark.parametrize(
    "container",
    [
        "  - name: web\n    image: nginx\n",
        "  - image: nginx\n    securityContext:\n      runAsUser: 1000\n    name: web\n",
        "  - image: nginx\n    securityContext:\n          runAsUser: 1000\n    name: web\n",
        "  - name: web\n    securityContext:\n    # nothing yet\n",
        "  - name: web\n    securityContext: {}\n",
        "  - name: web\n    securityContext: {runAsUser: 7}\n",
        "  - {name: web, image: nginx}\n",
        '  - {"name": "web", "securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"]}}}\n',
        "  - name: web\n    securityContext:\n      capabilities:\n        add: [NET_BIND_SERVICE]\n",
        "  - name: web\n    securityContext: &own\n      runAsUser: 7\n",
    ],
)
def test_what_is_to_be_added_makes_the_checks_silent(container: str) -> None:
    text = HEAD + container
    before = check_text(text, "restricted")
    controls = {located.finding.check for located in before.findings if located.finding.fix is not None}
    assert len(controls) == 4
    shown = render(before, quiet=True, verbose=True)
    after = check_text(pasted(text, shown), "restricted")
    assert [one.finding.message for one in after.findings if one.finding.check in controls] == []
    assert after.summary.errors == before.summary.errors - len(controls)
    assert after.summary.workloads == 1


@pytest.mark.parametrize(
    "container",
    ["  - name: web\n    securityContext: *own\n", "  - name: web\n    securityContext: null\n"],
)
def test_where_nothing_can_be_added_nothing_is_proposed(container: str) -> None:
    text = "x: &own {runAsUser: 7}\n" + HEAD + container
    shown = render(check_text(text, "restricted"), quiet=True)
    assert "seccomp-profile-restricted" in shown
    assert "add:" not in shown
    assert "braces" not in shown
