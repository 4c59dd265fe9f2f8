"""Upstream's own pods of the Pod Security Standards: Podproof answers as the plugin does, to the letter."""

from pathlib import Path

import pytest
import requires
import yaml

from .sides import namespace, two_sides

pytestmark = requires.needs(requires.shared("conformance/psa"))

_PODS = requires.SHARED / "conformance" / "psa"


@pytest.mark.parametrize("every", [7, pytest.param(1, marks=pytest.mark.slow)])
def test_each_pod_gets_the_same_answer(tmp_path: Path, every: int) -> None:
    """Each is created where its level is enforced, and where it is warned of and audited."""
    namespaces = []
    for folder in sorted(_PODS.glob("*/*")):
        level, version = folder.parent.name, folder.name
        name = f"{level}-{version.replace('.', '-')}"
        enforced = {"enforce": level, "enforce-version": version}
        told = dict.fromkeys(("warn", "audit"), level)
        told |= {f"{key}-version": version for key in ("warn", "audit")}
        namespaces += [namespace(f"enforced-{name}", enforced), namespace(f"told-{name}", told)]
    with two_sides(tmp_path, namespaces) as sides:
        for file in sorted(_PODS.glob("*/*/*/*.yaml"))[::every]:
            pod = yaml.safe_load(file.read_text())
            level, version = file.parts[-4:-2]
            for prefix in ("enforced", "told"):
                name = f"{prefix}-{level}-{version.replace('.', '-')}"
                sides.send("POST", f"/api/v1/namespaces/{name}/pods?dryRun=All", pod)
        differences = sides.differences()
    assert not differences, f"{len(differences)}:\n" + "\n".join(differences[:10])
    assert sides.tally["requests"] * every > 1200
    assert sides.tally["warnings"] * every > 200
