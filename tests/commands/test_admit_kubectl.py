"""`podproof admit` prints what kubectl 1.37.2 printed, applied to a real API server 1.37.2.

Each `kubectl/NAME.yaml` was applied with `kubectl apply --dry-run=server` in the namespace of
`kubectl/cluster`; `NAME.txt` is what was printed, without ` (server dry run)`.
"""

from pathlib import Path

import pytest

from .conftest import Run

FOLDER = Path(__file__).parent / "kubectl"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def test_there_are_cases() -> None:
    assert len(NAMES) >= 15


@pytest.mark.parametrize("name", NAMES)
def test_prints_what_kubectl_printed(podproof: Run, name: str) -> None:
    namespace = () if name == "namespace-missing" else ("--namespace", "admk")
    result = podproof("admit", f"{name}.yaml", "--cluster", "cluster", *namespace, cwd=FOLDER)
    wanted = (FOLDER / f"{name}.txt").read_text()
    printed = result.stdout.decode()
    assert printed[: len(wanted)] == wanted
    assert printed[len(wanted) :].startswith("\n")
    refused = any(word in wanted for word in ("rror", "invalid", "unable to decode"))
    pods_denied = "whose pods will be denied" in printed
    assert result.returncode == (1 if refused or pods_denied else 0)
