"""`podproof check` and `fix` on Podproof's own kinds: known, judged, and refused as the API server would."""

import json
from typing import Any

from .conftest import Run

POLICY = """\
apiVersion: podproof.dev/v1alpha1
kind: PodSecurityPolicy
metadata: {name: web}
modes: [enforce, warn]
spec:
  privileged: true
  volumes: [image, secret]
  runAsUser: {rule: MustRunAsNonRoot}
  seLinux: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
"""
EXEMPTION = """\
apiVersion: podproof.dev/v1alpha1
kind: PodSecurityExemption
metadata: {name: agent}
spec:
  owner: team-a
  reason: reads logs of the node
  expires: "2027-06-30T00:00:00Z"
  namespaces: [monitoring]
  fields: ["spec.volumes[*].hostPath"]
"""


def _check(podproof: Run, text: str) -> tuple[dict[str, Any], list[tuple[str, str, int]]]:
    result = podproof("check", "-", "--format", "json", stdin=text.encode())
    report = json.loads(result.stdout)
    findings = [
        (finding["check"], finding["message"], finding["line"])
        for finding in report["findings"]
        if finding["severity"] == "error"
    ]
    return report["summary"], findings


def test_a_good_policy_is_judged_as_one_of_old(podproof: Run) -> None:
    summary, errors = _check(podproof, POLICY)
    assert (summary["policies"], summary["not_judged"], errors) == (1, 0, [])
    said = podproof("check", "-", stdin=POLICY.encode()).stdout.decode()
    assert 'policy "web" keeps to privileged, falls short of baseline' in said
    assert "removed" not in said


def test_a_bad_policy_is_refused_in_the_servers_words(podproof: Run) -> None:
    _, errors = _check(podproof, POLICY.replace("[enforce, warn]", "[enforced]").replace("MustRunAs", "Must"))
    assert [(check, line) for check, _, line in errors] == [("invalid-value", 4), ("invalid-value", 8)]


def test_a_misspelt_field_of_a_policy_is_mended(podproof: Run) -> None:
    text = POLICY.replace("privileged:", "privilege:")
    _, errors = _check(podproof, text)
    assert [check for check, _, _ in errors] == ["unknown-field"]
    mended = podproof("fix", "-", stdin=text.encode()).stdout.decode()
    assert mended == POLICY


def test_a_good_exemption_says_nothing(podproof: Run) -> None:
    summary, errors = _check(podproof, EXEMPTION)
    assert (summary["not_judged"], errors) == (0, [])


def test_a_bad_exemption_is_refused(podproof: Run) -> None:
    text = EXEMPTION.replace("namespaces: [monitoring]", "objectSelector: {matchLabels: {a: b}}")
    _, errors = _check(podproof, text.replace("2027-06-30T00:00:00Z", "2027-06-31T00:00:00Z"))
    assert sorted((check, message.partition(":")[0]) for check, message, _ in errors) == [
        ("invalid-value", "spec.expires"),
        ("missing-value", "spec.namespaces"),
    ]
    _, errors = _check(podproof, EXEMPTION + "  container: [web]\n")
    assert errors == [("unknown-field", 'unknown field "spec.container"', 10)]
    _, errors = _check(podproof, EXEMPTION.replace("[monitoring]", "monitoring"))
    assert [check for check, _, _ in errors] == ["wrong-type"]
