"""`podproof check` on PodSecurityPolicies that a server takes, and on one that nothing can read."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .conftest import ROOT, Run


def _report(podproof: Run, text: str, *options: str) -> tuple[Any, int]:
    options = ("--kubernetes-version", "v1.24", "--format", "json", *options)
    result = podproof("check", "-", *options, stdin=text.encode())
    return json.loads(result.stdout), result.returncode


def _text(podproof: Run, text: str, *options: str) -> tuple[str, int]:
    result = podproof(
        "check", "-", "--format", "full", "--kubernetes-version", "v1.24", *options, stdin=text.encode()
    )
    return result.stdout.decode(), result.returncode


POLICY = """\
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata:
  name: web
  annotations:
    apparmor.security.beta.kubernetes.io/allowedProfileNames: runtime/default
    seccomp.security.alpha.kubernetes.io/allowedProfileNames: runtime/default
    seccomp.security.alpha.kubernetes.io/defaultProfileName: runtime/default
spec:
  allowPrivilegeEscalation: false
  requiredDropCapabilities: [ALL]
  runAsUser: {rule: MustRunAsNonRoot}
  seLinux: {rule: MustRunAs, seLinuxOptions: {level: "s0:c1,c2"}}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: MustRunAs, ranges: [{min: 1, max: 65535}]}
  volumes: [configMap, emptyDir]
"""
SAID = """\
<stdin>:1:1  note  pod-security-policy  policy "web" keeps to baseline, falls short of restricted, and allows:
    privileged containers  not allowed
    host namespaces        none
    host ports             none
    volumes                configMap, emptyDir
    capabilities           adds none, drops ALL
    privilege escalation   not allowed
    users                  any but root
    groups                 any
    supplementalGroups     any
    fsGroup                1 to 65535; 1 where none is set
    root file system       writable or read-only
    SELinux                level s0:c1,c2
    seccomp                runtime/default; runtime/default where none is set
    AppArmor               runtime/default
    unsafe sysctls         none
    procMount              Default
    no policy limits       windowsOptions.hostProcess, host of probes and lifecycle hooks
<stdin>:12:21  note  pod-security-policy  policy "web" falls short of restricted:
    12:21  spec.runAsUser.rule: a runAsUser without runAsNonRoot: true (runAsNonRoot != true)

1 file · 1 document · 0 workloads, 0 containers, 1 policy checked · 0 other objects · 0 skipped    \
0 errors, 0 warnings, 2 notes    """


def test_a_policy_is_described_without_a_frame_for_each_field(podproof: Run) -> None:
    shown, code = _text(podproof, POLICY)
    assert shown.rpartition("    ")[0] + "    " == SAID
    assert code == 0


def test_of_a_policy_that_admits_no_pod_it_is_told_why(podproof: Run) -> None:
    shown, code = _text(podproof, POLICY.replace(", ranges: [{min: 1, max: 65535}]", ""))
    assert code == 0
    line, _, rest = shown.partition("\n")
    said = 'policy "web" admits no pod: ranges must be supplied for MustRunAs'
    assert line == f"<stdin>:1:1  note  pod-security-policy  {said}"
    assert "1 policy checked" in rest


def test_json_tells_field_by_field(podproof: Run) -> None:
    text = POLICY.replace(
        "requiredDropCapabilities: [ALL]", "hostPorts: [{min: 1, max: 9}, {min: 80, max: 80}]"
    )
    report, code = _report(podproof, text)
    assert code == 0
    described, *fields = report["findings"]
    assert described["route"] == ""
    assert described["message"].startswith(
        'policy "web" keeps to privileged, falls short of baseline and restricted, and allows: '
        "privileged containers: not allowed; host namespaces: none; host ports: 1-9, 80; "
    )
    assert [(one["route"], one["line"], one["message"]) for one in fields] == [
        (
            "spec.requiredDropCapabilities",
            9,
            'policy "web" falls short of restricted: spec.requiredDropCapabilities is not set: '
            "capabilities of the runtime's default set are kept (unrestricted capabilities)",
        ),
        (
            "spec.hostPorts[0]",
            11,
            'policy "web" falls short of baseline: spec.hostPorts[0]: host ports 1-9 (hostPort)',
        ),
        (
            "spec.hostPorts[1]",
            11,
            'policy "web" falls short of baseline: spec.hostPorts[1]: host ports 80 (hostPort)',
        ),
        (
            "spec.runAsUser.rule",
            12,
            'policy "web" falls short of restricted: spec.runAsUser.rule: '
            "a runAsUser without runAsNonRoot: true (runAsNonRoot != true)",
        ),
    ]


def test_a_long_list_is_cut_and_counted(podproof: Run) -> None:
    names = ", ".join(f"kernel.a{number}" for number in range(1200))
    text = POLICY.replace("volumes:", f"allowedUnsafeSysctls: [{names}]\n  volumes:")
    shown, _ = _text(podproof, text)
    assert "spec.allowedUnsafeSysctls[19]: sysctls kernel.a19 (forbidden sysctls)" in shown
    assert "spec.allowedUnsafeSysctls[20]" not in shown
    assert "more (--verbose lists them)\n" in shown
    assert "more in PodSecurityPolicy web, not listed" in shown
    verbose, _ = _text(podproof, text, "--verbose")
    assert "spec.allowedUnsafeSysctls[90]" in verbose
    assert "spec.allowedUnsafeSysctls[1199]" not in verbose  # a hundred of one check are listed at all


def test_two_policies_of_a_list_are_told_apart(podproof: Run) -> None:
    items = POLICY.replace("\n", "\n  ").strip()
    text = f"kind: List\napiVersion: v1\nitems:\n- {items}\n- {items.replace('web', 'other')}\n"
    shown, code = _text(podproof, text)
    assert code == 0
    assert "2 policies checked" in shown
    for name in ("web", "other"):
        assert shown.count(f'policy "{name}" falls short of restricted:\n') == 1


def test_a_re_ranked_note_is_whole_in_its_first_line(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "podproof.toml").write_text('[severity]\npod-security-policy = "error"\n')
    shown, code = _text(podproof, POLICY, "--config", str(tmp_path / "podproof.toml"))
    assert code == 1
    assert (
        '<stdin>:12:21  error  pod-security-policy  policy "web" falls short of restricted: '
        "spec.runAsUser.rule: a runAsUser"
    ) in shown


@pytest.mark.parametrize(
    ("policy", "version", "code", "counted"),
    [
        (POLICY, "v1.24", 0, "1 policy checked · 0 other objects"),
        (POLICY, "v1.37", 1, "1 policy checked · 0 other objects"),  # removed there
        (POLICY.replace("MustRunAsNonRoot", "x"), "v1.24", 1, "1 policy checked · 0 other objects"),
        (POLICY.replace("MustRunAsNonRoot", "1"), "v1.24", 1, "1 policy checked · 0 other objects"),
        # another group's kind of that name is nothing that is known here
        (
            POLICY.replace("policy/v1beta1", "example.com/v1"),
            "v1.24",
            3,
            "0 containers checked · 1 other object",
        ),
    ],
)
def test_a_judged_policy_counts_as_checked(
    podproof: Run, tmp_path: Path, policy: str, version: str, code: int, counted: str
) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "policy.yaml").write_text(policy)
    result = podproof("check", "policies", "--format", "full", "--kubernetes-version", version)
    shown = result.stdout.decode()
    assert result.returncode == code
    assert counted in shown
    assert ("nothing to check was found" in shown) == (code == 3)


def test_a_policy_that_could_not_be_judged_is_not_let_pass(podproof: Run) -> None:
    policy = POLICY.replace("MustRunAsNonRoot", "1")
    assert _text(podproof, policy, "--ignore", "wrong-type")[1] == 4


PRINTED = "examples/seed/as-printed/pod-security-policy.yaml"


def test_both_faults_of_the_seeds_policy_come_in_one_run(podproof: Run) -> None:
    result = podproof("check", PRINTED, "--format", "full", cwd=ROOT)
    shown = result.stdout.decode()
    assert result.returncode == 4
    star, volumes = shown.index(f"{PRINTED}:16:3  error  unreadable"), shown.index(f"{PRINTED}:15:1  error")
    assert star < volumes
    assert "quote the value that starts with * or &, so write '*'\n" in shown
    assert 'unknown-field  unknown field "volumes"; volumes belongs under spec' in shown
    assert "the document counts as not read; what is found in it below holds once that is written" in shown
    assert "0 workloads, 0 containers checked · 0 other objects · 1 skipped" in shown
    assert "nothing to check was found" not in shown


def test_both_faults_of_the_seeds_policy_in_json(podproof: Run) -> None:
    result = podproof("check", PRINTED, "--format", "json", cwd=ROOT)
    report = json.loads(result.stdout)
    assert result.returncode == 4
    assert b"16: a name must follow * and &" in result.stderr
    assert report["summary"]["policies"] == report["summary"]["workloads"] == 0
    assert report["objects"] == []
    assert [one["document"] for one in report["skipped"]] == [1]
    unread = [one for one in report["findings"] if one["check"] == "unreadable"]
    assert [(one["line"], one["column"], "read_as" in one) for one in unread] == [(16, 3, False)]
    copied = [one for one in report["findings"] if one["check"] != "unreadable"]
    assert {one["read_as"] for one in copied} == {"'*' at 16:3"}
    (volumes,) = [one for one in copied if one["check"] == "unknown-field"]
    assert (volumes["line"], volumes["column"], volumes["message"]) == (
        15,
        1,
        'unknown field "volumes"; volumes belongs under spec',
    )
    jsonschema.validate(report, json.loads((ROOT / "schemas" / "check.v1.json").read_text()))


def test_once_both_are_mended_the_policy_is_checked(podproof: Run, tmp_path: Path) -> None:
    printed = (ROOT / PRINTED).read_text()
    mended = printed.replace("volumes:\n- *", "  volumes:\n  - '*'")
    assert mended != printed
    shown, code = _text(podproof, mended)
    assert code == 0
    assert "1 policy checked" in shown


@pytest.mark.parametrize("verb", ["explain", "admit"])
def test_other_verbs_say_what_to_write_too(podproof: Run, verb: str) -> None:
    result = podproof(verb, PRINTED, cwd=ROOT)
    assert result.returncode == 4
    assert b"so write '*'" in result.stdout + result.stderr


STARS = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
---
apiVersion: v1
kind: Pod
metadata: {name: b}
spec:
  containers:
  - {name: é, image: x, args: [*, b], securityContext: {privileged: true}, runAsUser: 0}
  - {name: *, image: x}
"""


def test_all_stars_of_a_document_are_named(podproof: Run) -> None:
    report, code = _report(podproof, STARS, "--level", "baseline")
    assert code == 4
    assert report["objects"] == []
    assert (report["summary"]["other_objects"], report["summary"]["skipped"]) == (1, 1)
    unread = [one for one in report["findings"] if one["check"] == "unreadable"]
    assert [(one["line"], one["column"]) for one in unread] == [(10, 32), (11, 12)]
    assert all("so write '*'" in one["message"] for one in unread)
    copied = {one["check"]: one for one in report["findings"] if one["severity"] == "error"}
    # columns are those of the file, where the quotes before them are not written
    line = STARS.splitlines()[9]
    for check, words in (("privileged", "true"), ("unknown-field", "runAsUser")):
        found = copied[check]
        assert (found["line"], line[found["column"] - 1 : found["end_column"] - 1]) == (10, words)
        assert found["read_as"] == "'*' at 10:32, '*' at 11:12"


def test_a_copy_that_breaks_again_is_named_too(podproof: Run) -> None:
    shown, code = _text(podproof, "apiVersion: v1\nkind: Pod\nspec: *\nmetadata: 'x\n")
    assert code == 4
    assert "<stdin>:3:7  error  unreadable  a name must follow" in shown
    assert "<stdin>:4:11  error  unreadable  the quote that opens here is never closed" in shown
    assert "1 skipped    2 errors" in shown


def test_a_star_alone_at_fault_is_said_to_be(podproof: Run) -> None:
    shown, code = _text(podproof, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: *}\n")
    assert code == 4
    assert "the document counts as not read; once that is written, nothing else is found in it" in shown


def test_what_is_not_selected_is_not_told_of_a_copy(podproof: Run) -> None:
    report, code = _report(podproof, STARS, "--select", "unknown-field")
    assert code == 4
    assert {one["check"] for one in report["findings"]} == {"unreadable", "unknown-field"}
