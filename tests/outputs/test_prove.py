"""A made-up proof in every format, whole: what differs comes first, nothing of a manifest is markup."""

import json
from pathlib import Path

import browser
import jsonschema
import msgspec
import pytest
import requires
from inline_snapshot import snapshot
from msgspec.structs import replace
from pages import assert_self_contained

from podproof.effective.compare import Comparison
from podproof.effective.value import Origin, Unknown
from podproof.outputs.pages.prove_page import html
from podproof.outputs.prove_json import to_json
from podproof.outputs.prove_markdown import markdown
from podproof.outputs.prove_text import text
from podproof.outputs.prove_words import attack_rows, closing
from podproof.results.proved import AttackLine, ClaimLine, Proof, ProvedContainer, Shown

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "schemas" / "prove.v1.json").read_text())

ORIGIN = Origin(
    "container", ("spec", "containers", 0, "securityContext", "runAsUser"), file="web.yaml", line=9
)

CONTAINER = ProvedContainer(
    object="Pod/web",
    source="web.yaml:1",
    container="app",
    kind="sidecar",
    image="demo:<1>",
    state="running",
    start=Comparison("start", "started", "started", True, "", Origin("kubernetes", (), "the kubelet")),
    comparisons=(
        Comparison("uid", 1000, 0, False, "", ORIGIN),
        Comparison("groups", (0, 5), (0, 5), True, "", ORIGIN),
        Comparison("gid", Unknown("nobody said"), 0, None, "not predicted: nobody said", ORIGIN),
        Comparison("privileged", False, Unknown("not observable"), None, "not observed", ORIGIN),
    ),
    attacks=(
        AttackLine(
            "raw-socket", "the process cannot", "capabilities", "IP", "EPERM",
            "NET_RAW is not effective", "EPERM", ("socket() = -1 EPERM",), True,
        ),
        AttackLine(
            "kill-neighbour", "the process cannot", "shareProcessNamespace", "", "not tried",
            "no other container", None, (), None,
        ),
    ),
)  # fmt: skip

ENVIRONMENT = {
    "podproof": "0.1.0", "time": "2026-01-01T00:00:00+00:00", "kernel": "Linux 6 x86_64", "cgroup": "v2",
    "runtime": "containerd-2.3.7", "network": "each pod has its own", "images": {"demo:<1>": None},
    "limits": ["the kernel has no SELinux"],
}  # fmt: skip

CLAIM = ClaimLine(
    "root-is-safe", "Root is <safe>.", "It is not.", "web.yaml", "app", "not shown",
    (Shown("kernel", "app: uid", "0", False), Shown("check", "run-as-user", "line 3: *no*", True)),
)  # fmt: skip

PROOF = Proof(ENVIRONMENT, (CONTAINER,), (CLAIM,), ("b.yaml:1: not allowed",), 1.25)


def test_text() -> None:
    assert text(PROOF) == snapshot("""\
not shown: root-is-safe  (web.yaml, container app)
  "Root is <safe>."
  = It is not.
  ! kernel: app: uid: 0
    check: run-as-user: line 3: *no*

web.yaml:1  Pod/web · container app (sidecar) · running

  not as predicted  predicted  observed  origin or evidence
! uid               1000       0         web.yaml:9 spec.containers[0].securityContext.runAsUser

  field   predicted             observed  who says so
  start   started               started   the kubelet
! uid     1000                  0         web.yaml:9 spec.containers[0].securityContext.runAsUser
  groups  0, 5                  0, 5      web.yaml:9 spec.containers[0].securityContext.runAsUser
  gid     unknown: nobody said  0         web.yaml:9 spec.containers[0].securityContext.runAsUser; not
                                          predicted: nobody said

  attack           predicted                        observed
  raw-socket (IP)  EPERM: NET_RAW is not effective  EPERM
      socket() = -1 EPERM
  kill-neighbour   not tried
      no other container

  podproof  0.1.0, 2026-01-01T00:00:00+00:00
  machine   Linux 6 x86_64, cgroup v2
  runtime   containerd-2.3.7
  network   each pod has its own
  image     demo:<1> not there
  limit     the kernel has no SELinux

problem: b.yaml:1: not allowed
1 container · 2 fields equal, 1 different · 1 attacks as predicted, 0 not · 0 proven, 0 corrected, 0 refuted, 1 not shown    NOT AS PREDICTED    1.2 s
""")  # noqa: E501 - lines as they are printed


def test_markdown() -> None:
    assert markdown(PROOF) == snapshot("""\
# What was proven

1 container · 2 fields equal, 1 different · 1 attacks as predicted, 0 not · 0 proven, 0 corrected, 0 refuted, 1 not shown · NOT AS PREDICTED · 1.2 s

## not shown: root-is-safe

> Root is \\<safe\\>.

It is not.

- NOT SHOWN, kernel: app: uid: 0
- check: run-as-user: line 3: \\*no\\*

## Pod/web · container app (sidecar) · running

web.yaml:1

| field | predicted | observed | who says so | |
|---|---|---|---|---|
| start | started | started | the kubelet | as predicted |
| uid | 1000 | 0 | web.yaml:9 spec.containers\\[0\\].securityContext.runAsUser | NOT AS PREDICTED |
| groups | 0, 5 | 0, 5 | web.yaml:9 spec.containers\\[0\\].securityContext.runAsUser | as predicted |
| gid | unknown: nobody said | 0 | web.yaml:9 spec.containers\\[0\\].securityContext.runAsUser; not predicted: nobody said | open |

| attack | predicted | observed | evidence | |
|---|---|---|---|---|
| raw-socket (IP) | EPERM: NET\\_RAW is not effective | EPERM | socket() = -1 EPERM | as predicted |
| kill-neighbour | not tried |  | no other container | not tried |

## Environment

- podproof: 0.1.0, 2026-01-01T00:00:00+00:00
- machine: Linux 6 x86\\_64, cgroup v2
- runtime: containerd-2.3.7
- network: each pod has its own
- image: demo:\\<1\\> not there
- limit: the kernel has no SELinux
- problem: b.yaml:1: not allowed
""")  # noqa: E501 - lines as they are printed


def test_json_is_of_its_schema() -> None:
    document = json.loads(json.dumps(to_json(PROOF)))
    jsonschema.validate(document, SCHEMA)
    assert document["summary"] == snapshot(
        {
            "as_predicted": False,
            "verdict": "not as predicted",
            "containers": 1,
            "fields": {"equal": 2, "different": 1, "open": 2},
            "attacks": {
                "as_predicted": 1,
                "not_as_predicted": 0,
                "not_predicted": 0,
                "not_tried": 1,
                "not_reached": 0,
            },
            "seconds": 1.25,
            "claims": {"proven": 0, "corrected": 0, "refuted": 0, "not_shown": 1},
        }
    )
    jsonschema.validate(to_json(Proof({}, ())), SCHEMA)


def test_html_has_no_markup_of_others() -> None:
    page = html(PROOF)
    assert_self_contained(page)
    assert "demo:&lt;1&gt;" in page
    assert "Root is &lt;safe&gt;." in page
    assert "<safe>" not in page
    assert page.count("<style>") == 1
    assert "script" not in page.replace("description", "")
    assert "default-src 'none'; style-src 'sha256-" in page


def test_html_writes_the_same_long_value_once() -> None:
    paths = ("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list")
    compared = (
        Comparison("masked_paths", paths, paths, True, "", ORIGIN),
        Comparison("uid", 0, 0, True, "", ORIGIN),
    )
    page = html(replace(PROOF, containers=(replace(CONTAINER, comparisons=compared),)))
    assert f'<td class="same" colspan="2">{", ".join(paths)}</td>' in page
    assert page.count('<td class="predicted danger">▲ 0</td><td class="observed danger">▲ 0</td>') == 1
    assert "securityContext.<wbr>runAsUser" in page


def test_html_names_the_limits_of_a_machine_together() -> None:
    environment = {**ENVIRONMENT, "limits": ["no SELinux", "no AppArmor"]}
    page = html(replace(PROOF, environment=environment))
    assert "<dt>limit</dt><dd>no SELinux</dd><dd>no AppArmor</dd>" in page


@requires.needs(browser.NEEDED)
@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_overflows_in_a_browser(tmp_path: Path, width: int) -> None:
    origin = replace(ORIGIN, file="deploy/some/folder/with/a-long-name.yaml")
    shown = Comparison("writable", ("/" + "x" * 60,), ("/" + "y" * 60,), False, "", origin)
    container = replace(CONTAINER, comparisons=(*CONTAINER.comparisons, shown))
    measured, said = browser.measure(html(replace(PROOF, containers=(container,))), width, tmp_path)
    assert said == []
    assert measured["wide"] == []
    assert measured["scroll"] <= measured["room"]


def test_what_was_not_proven_is_incomplete_and_not_otherwise_than_predicted() -> None:
    unreached = AttackLine(
        "set-user-id-binary", "a program cannot", "allowPrivilegeEscalation", "", "still UID 1000",
        "no_new_privs", "not reached", ("execve() = -1 EACCES",), None,
    )  # fmt: skip
    container = msgspec.structs.replace(CONTAINER, comparisons=(), attacks=(unreached,))
    proof = Proof(ENVIRONMENT, (container,), problems=("set-user-id-binary was not reached",))
    attacks = proof.summary.attacks
    assert (attacks.as_predicted, attacks.not_as_predicted, attacks.not_reached) == (0, 0, 1)
    assert closing(proof) == (
        "1 container · 1 fields equal, 0 different · 0 attacks as predicted, 0 not, 1 not reached"
        " · INCOMPLETE · 0.0 s"
    )
    (row,) = attack_rows(container)
    assert (row.observed, row.mark) == ("not reached", "not reached")
    assert '<td class="mark">not reached</td>' in html(proof)


@pytest.mark.parametrize(
    ("proof", "good"),
    [
        (PROOF, False),
        (Proof(ENVIRONMENT, (msgspec.structs.replace(CONTAINER, comparisons=()),)), True),
        (Proof(ENVIRONMENT, (), problems=("x",)), False),
        (Proof(ENVIRONMENT, (), (CLAIM,)), False),
        (Proof(ENVIRONMENT, (), (msgspec.structs.replace(CLAIM, result="refuted"),)), True),
    ],
)
def test_what_counts_as_predicted(proof: Proof, good: bool) -> None:
    assert proof.as_predicted is good
