"""Upstream's 620 test pods: the folder is the verdict at that level and version.

They stay outside the project; where they are absent the test says so. A pod that must fail also carries the
words of the check that its file is named for.
"""

import re
from pathlib import Path

import requires
import yaml

from podproof.policies.pod_security import evaluate

PODS = Path(__file__).parents[2].parent / "shared" / "conformance" / "psa"
EXPECTED = 620
WORDS = {
    "apparmorprofile": "forbidden AppArmor profile",
    "capabilities_baseline": "capabilities",
    "capabilities_restricted": "unrestricted capabilities",
    "hostnamespaces": "host namespaces",
    "hostpathvolumes": "hostPath",
    "hostports": "hostPort",
    "hostprobesandhostlifecycle": "probe or lifecycle host",
    "procmount": "procMount",
    "procmount_restricted": "procMount",
    "restrictedvolumes": "restricted volume types",
    "selinuxoptions": "seLinuxOptions",
    "seccompprofile_baseline": "seccompProfile",
    "seccompprofile_restricted": "seccompProfile",
    "sysctls": "forbidden sysctl",
    "windowshostprocess": "hostProcess",
}
"""File name without its number → what the verdict must say. Source: upstream's test fixtures."""


@requires.needs(requires.shared("conformance/psa"))
def test_every_pod_gets_the_verdict_of_its_folder() -> None:
    files = sorted(PODS.glob("*/v1.*/*/*.yaml"))
    wrong = []
    for file in files:
        level, version, folder = file.relative_to(PODS).parts[:3]
        pod = yaml.safe_load(file.read_text(encoding="utf-8"))
        verdict = evaluate(pod, level, version)
        words = WORDS.get(re.sub(r"\d+$", "", file.stem), "")
        if verdict.allowed != (folder == "pass") or (folder == "fail" and words not in verdict.detail):
            wrong.append((str(file.relative_to(PODS)), verdict.detail))
    assert not wrong
    assert len(files) == EXPECTED
