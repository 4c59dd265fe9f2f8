"""Each of upstream's test pods that must fail does so by the control that its file is named for."""

import re
from pathlib import Path

import requires
import yaml

from podproof.policies.pod_security import checks_at, evaluate

PODS = Path(__file__).parents[2].parent / "shared" / "conformance" / "psa"
NEWEST_RECORDED = "v1.37"


@requires.needs(requires.shared("conformance/psa"))
def test_controls_are_named_as_upstream_names_them() -> None:
    files = sorted(PODS.glob(f"*/{NEWEST_RECORDED}/fail/*.yaml"))
    named: dict[str, set[str]] = {"baseline": set(), "restricted": set()}
    for file in files:
        level = file.relative_to(PODS).parts[0]
        verdict = evaluate(yaml.safe_load(file.read_text(encoding="utf-8")), level, NEWEST_RECORDED)
        name = re.sub(r"\d+$", "", file.stem)
        ids = {check.upstream_id.lower() for check, _ in verdict.violations}
        named[level].add(name)
        assert name in ids or level == "restricted", f"{file.stem} fails by {sorted(ids)}"
    for level, names in named.items():
        minor = int(NEWEST_RECORDED.removeprefix("v1."))
        held = {check.upstream_id.lower() for check, _ in checks_at(level, minor)}
        assert held <= names, f"no pod of upstream's fails {sorted(held - names)} at {level}"
