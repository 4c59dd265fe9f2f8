"""The text that `check` prints: a block for each workload, each lesson once, advice in short."""

import re

import pytest
import yaml
from cost import LINEAR, growth
from custom_checks import check_text
from inline_snapshot import snapshot

from podproof.findings import ContainerRef, Finding, Severity
from podproof.manifest.file_text import Place
from podproof.outputs.check_text import TextReport, render
from podproof.outputs.plain import width
from podproof.outputs.segments import run_of, segment_of
from podproof.results.checked import Checked, Located, ObjectRef, Summary, Suppression

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: true
      initContainers:
      - name: prepare
        image: busybox:1.36
        securityContext: {runAsUser: 0}
      containers:
      - name: web
        image: nginx:1.27
        securityContext:
          allowPrivilegeEscalation: true
          capabilities:
            add: [SYS_ADMIN]
      - name: log
        image: fluentd
      - name: metrics
        image: exporter
"""


def text_of(text: str, level: str = "restricted", **options: object) -> str:
    shown = render(check_text(text, level), **options)  # type: ignore[arg-type]  # passed through
    return re.sub(r"    [0-9.]+ m?s\n", "    TIME\n", shown)


def test_a_workload_and_its_containers() -> None:
    assert text_of(DEPLOYMENT, columns=80) == snapshot("""\
Deployment shop/web · a.yaml:1 · baseline lacks 2, restricted 6
     9:20  error    host-namespaces             pod must not use the host's
                                                namespaces, has hostNetwork:
                                                true
       │
     9 │       hostNetwork: true
       │                    ^^^^ remove it
  init container prepare · busybox:1.36
     13:9  error    allow-privilege-escalation  allowPrivilegeEscalation is not
                                                set
     13:9  error    capabilities-restricted     capabilities.drop is not set
     13:9  error    run-as-non-root             runAsNonRoot is not set
     13:9  error    seccomp-profile-restricted  seccompProfile is not set
       │
    13 │         securityContext: {runAsUser: 0}
       │         ^^^^^^^^^^^^^^^ add inside the braces:
       │ "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
       │ "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
    13:38  error    run-as-user                 must not run as user 0, which is
                                                root
       │
    13 │         securityContext: {runAsUser: 0}
       │                                      ^
  container web · nginx:1.27
     17:9  error    run-as-non-root             runAsNonRoot is not set
     17:9  error    seccomp-profile-restricted  seccompProfile is not set
       │
    17 │         securityContext:
       │         ^^^^^^^^^^^^^^^ add:
       │           runAsNonRoot: true
       │           seccompProfile: {type: RuntimeDefault}
    18:37  error    allow-privilege-escalation  must set
                                                allowPrivilegeEscalation: false,
                                                has true
       │
    18 │           allowPrivilegeEscalation: true
       │                                     ^^^^ write false
    19:11  error    capabilities-restricted     capabilities.drop is not set
       │
    19 │           capabilities:
       │           ^^^^^^^^^^^^ add:
       │             drop: ["ALL"]
    20:19  error    capabilities-restricted     must not add the capability
                                                "SYS_ADMIN"
       │
    20 │             add: [SYS_ADMIN]
       │                   ^^^^^^^^^ only NET_BIND_SERVICE may be added
  container log · fluentd
     21:9  error    allow-privilege-escalation  allowPrivilegeEscalation is not
                                                set
     21:9  error    capabilities-restricted     capabilities.drop is not set
     21:9  error    run-as-non-root             runAsNonRoot is not set
     21:9  error    seccomp-profile-restricted  seccompProfile is not set
       │
    21 │       - name: log
       │         ^^^^^^^^^ add:
       │         securityContext:
       │           allowPrivilegeEscalation: false
       │           capabilities: {drop: ["ALL"]}
       │           runAsNonRoot: true
       │           seccompProfile: {type: RuntimeDefault}
  container metrics · exporter
     23:9  error    allow-privilege-escalation, capabilities-restricted,
                    run-as-non-root, seccomp-profile-restricted: as above

advice (--verbose lists each)
  4  writable-root-filesystem  containers that can write their root file system

1 file · 1 document · 1 workload, 4 containers checked · 0 other objects · 0
skipped
19 errors, 0 warnings, 4 notes    TIME
podproof rules host-namespaces explains the first finding
""")


def test_at_another_level_and_version() -> None:
    assert text_of(DEPLOYMENT, "baseline:v1.30", columns=100, quiet=True) == snapshot("""\
Deployment shop/web · a.yaml:1 · baseline:v1.30 lacks 2
     9:20  error    host-namespaces        pod must not use the host's namespaces, has hostNetwork:
                                           true
       │
     9 │       hostNetwork: true
       │                    ^^^^ remove it
  container web · nginx:1.27
    20:19  error    capabilities-baseline  must not add the capability "SYS_ADMIN"
       │
    20 │             add: [SYS_ADMIN]
       │                   ^^^^^^^^^ remove it
""")


def test_a_lesson_is_taught_once_in_a_run() -> None:
    """The second workload misses the same: its checks are named, and the fields are not written again."""
    shown = text_of(f"{DEPLOYMENT}---\n{DEPLOYMENT}", columns=160, quiet=True)
    first, _, second = shown.partition("\n\n")
    assert "add:" in first
    assert "│" not in second
    assert second.count("as above") == 2 + second.count("init container")
    # what is missing in both containers is said once, and where
    assert "  container log, container metrics · fluentd, exporter\n" in second
    assert "seccomp-profile-restricted: as above, also at 48:9\n" in second
    assert "│" in text_of(f"{DEPLOYMENT}---\n{DEPLOYMENT}", verbose=True).partition("\n\n")[2]


def test_many_findings_of_one_check_share_a_line() -> None:
    volumes = "".join(f"  - {{name: v{n}, hostPath: {{path: /{n}}}}}\n" for n in range(9))
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  volumes:\n{volumes}"
    pod += "  containers: [{name: c, image: i}]\n"
    shown = text_of(pod, "baseline", quiet=True)
    assert shown.count("must not be of type hostPath") + shown.count("must not use the node") <= 3
    assert "6 more, on lines 9, 10, 11, 12, 13, 14\n" in shown
    assert "more, on lines" not in text_of(pod, "baseline", verbose=True)


def test_workloads_without_findings_are_only_counted() -> None:
    shown = text_of(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i}]}\n",
        "baseline",
    )
    assert "Pod a" not in shown
    assert "  1  no-security-context  " in shown
    assert "explains the first finding" not in shown


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(columns: int) -> None:
    shown = text_of(DEPLOYMENT, columns=columns)
    assert [line for line in shown.splitlines() if width(line) > columns] == []


def test_what_to_add_is_shown_though_its_place_has_another_fault() -> None:
    """Nobody can say what to write instead of privilege escalation as long as the container is privileged."""
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n"
    pod += "  - name: c\n    image: i\n    securityContext:\n      privileged: true\n"
    shown = text_of(pod, quiet=True)
    assert "^ add:\n" in shown
    assert "seccompProfile: {type: RuntimeDefault}" in shown


@pytest.mark.parametrize("columns", [40, 80])
def test_marks_and_names_end_where_the_terminal_does(columns: int) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {'x' * 300}}}\nspec:\n  containers:\n"
    pod += f"  - {{name: c, image: {'y' * 300}}}\n"
    shown = text_of(pod, columns=columns)
    assert [line for line in shown.splitlines() if width(line) > columns] == []
    assert "add inside the braces:" in shown


@pytest.mark.parametrize("verbose", [False, True])
def test_hostile_names_stay_on_their_line_and_are_cut(verbose: bool) -> None:
    hostile = "\\e[31m\\u202eevil\\ud800\\0" + "x" * 5000
    text = DEPLOYMENT.replace("name: log", f'name: "{hostile}"').replace(
        "image: fluentd", f'image: "{hostile}"'
    )
    text = text.replace("name: web, namespace", f'name: "{hostile}", namespace')
    shown = text_of(text, columns=80, verbose=verbose)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff]", shown)
    if not verbose:
        assert max(map(width, shown.splitlines())) <= 80
        assert len(shown.splitlines()) < 100


def located(check: str, severity: Severity = Severity.ERROR, **rest: object) -> Located:
    message = str(rest.pop("message", "message"))
    advice = bool(rest.pop("advice", False))
    finding = Finding(check, severity, message, container=ContainerRef("c", "container"), advice=advice)
    named = ObjectRef("v1", "Pod", None, "a")
    return Located(finding, "a.yaml", Place(3, 1, 0, 3, 2, 0), 1, named, **rest)  # type: ignore[arg-type]  # passed through


def report(*found: Located, **options: object) -> str:
    summary = Summary(1, 1, 1, 1, 0, 0, len(found), 0, 0, 0.038, 0)
    result = Checked("restricted", "latest", "v1.37", "v1.37", summary, (), found, ())
    return render(result, quiet=True, **options)  # type: ignore[arg-type]  # passed through


def test_what_the_whole_run_shows_comes_below_its_object() -> None:
    shown = report(located("shared-user-id", Severity.WARNING), located("privileged"))
    assert shown == (
        "Pod a · a.yaml:3\n    3:1  error    privileged  message\n    3:1  warning  shared-user-id  message\n"
    )
    assert report(located("shared-user-id", Severity.WARNING)).startswith("Pod a · a.yaml:3\n")
    assert report(located("shared-user-id", Severity.NOTE, advice=True)) == ""


def test_what_is_ignored_is_not_shown() -> None:
    ignored = located("privileged", suppression=Suppression("ignore", "because"))
    assert report(ignored, located("host-ports")).count("3:1") == 1
    assert report(ignored) == ""


def test_long_messages_are_cut_to_three_lines_and_verbose_shows_all() -> None:
    long = located("privileged", message="word " * 200)
    assert len(report(long, columns=100).splitlines()) <= 5
    assert report(long, columns=100).rstrip().endswith("…")
    assert report(long, columns=100, verbose=True).count("word") == 200


def test_a_check_is_a_link_where_it_has_a_page() -> None:
    summary = Summary(1, 1, 1, 1, 0, 0, 1, 0, 0, 0.038, 0)
    result = Checked("restricted", "latest", "v1.37", "v1.37", summary, (), (located("privileged"),), ())
    text = TextReport(quiet=True, link=lambda check: f"https://example.com/{check}")
    shown = "".join(text.write(run_of(result, text.render(segment_of(result)))))
    assert "\x1b]8;;https://example.com/privileged\x1b\\privileged\x1b]8;;\x1b\\  message\n" in shown


def test_many_findings_on_one_long_line_cost_what_they_show() -> None:
    """A whole dump of a cluster may stand on one line."""

    def dump(count: int) -> Checked:
        pods = ", ".join(
            f'{{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "p{n}"}},'
            ' "spec": {"containers": [{"name": "c", "image": "i"}]}}'
            for n in range(count)
        )
        return check_text(f'{{"apiVersion": "v1", "kind": "List", "items": [{pods}]}}', "restricted")

    dumps = {count: dump(count) for count in (40, 320)}
    assert growth(lambda size: render(dumps[size]), 40) < LINEAR


@pytest.mark.parametrize("columns", [40, 44, 50, 60, 80])
def test_what_is_pasted_means_the_same_at_any_width(columns: int) -> None:
    pod = (
        "kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec:\n  containers:\n  - name: web\n    image: x\n"
    )
    shown = text_of(pod, columns=columns)
    _, _, pasted = shown.partition("add:\n")
    lines = [line.partition("│ ")[2] for line in pasted.splitlines() if "│ " in line]
    assert yaml.safe_load("\n".join(lines)) == {
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
    }
    assert max(map(width, shown.splitlines())) <= columns
