"""The advice of seed.md is what `check` gives: each piece is a check, and who follows it hears nothing."""

from pathlib import Path

import pytest
import yaml

from podproof.findings import Severity
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.facts import find_images
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

SEED = Path(__file__).resolve().parents[2] / "examples" / "seed"
CLAIMS = {each["id"]: each for each in yaml.safe_load((SEED / "claims.yaml").read_text())["claims"]}


def heard(*manifests: str) -> set[tuple[str, str | None]]:
    """Give check and container of every note about these manifests, at a level that asks for nothing."""
    nothing = ProjectConfiguration()
    judge = make_judge(nothing, level="privileged", images=find_images(str(SEED / "images.yaml")))
    result = check(collect([str(SEED / each) for each in manifests]), judge, make_selection(nothing))
    assert not result.undecided
    return {
        (each.finding.check, each.finding.container.name if each.finding.container else None)
        for each in result.findings
        if each.finding.severity is Severity.NOTE
    }


@pytest.mark.parametrize(
    ("claim", "manifest", "check_id", "container"),
    [
        ("contexts-everywhere", "corrected/image-user.yaml", "no-security-context", "none"),
        (
            "disable-escalation-drop-all",
            "corrected/run-as-user.yaml",
            "default-capabilities",
            "your-container",
        ),
        (
            "disable-escalation-drop-all",
            "corrected/run-as-user.yaml",
            "privilege-escalation-allowed",
            "your-container",
        ),
        ("uid-1000-and-above-is-safe", "corrected/image-user.yaml", "low-user-id", "none"),
        ("user-need-not-exist", "corrected/run-as-user.yaml", "default-group-root", "your-container"),
    ],
)
def test_each_piece_of_advice_is_a_check(claim: str, manifest: str, check_id: str, container: str) -> None:
    assert claim in CLAIMS
    assert (check_id, container) in heard(manifest)


def test_a_read_only_root_is_advised_until_it_is_there() -> None:
    found = heard("corrected/allow-privilege-escalation.yaml")
    assert ("writable-root-filesystem", "your-container") in found
    found = heard("corrected/read-only-root-filesystem.yaml")
    assert "writable-root-filesystem" not in {name for name, _ in found}


def test_a_user_for_each_container_unless_they_share_a_volume() -> None:
    assert CLAIMS["different-uid-per-container"]["manifest"] == "corrected/different-users.yaml"
    assert CLAIMS["same-uid-to-share"]["manifest"] == "corrected/shared-volume.yaml"
    about_users = {"shared-user-id", "shared-volume-different-users"}
    assert about_users.isdisjoint(name for name, _ in heard("corrected/different-users.yaml"))
    # two pods in one file, one for each way to share: the second has the user of the first
    assert {name for name, _ in heard("corrected/shared-volume.yaml")} & about_users == {"shared-user-id"}
    assert ("shared-user-id", "your-container") in heard(
        "corrected/run-as-user.yaml", "corrected/allow-privilege-escalation.yaml"
    )


def test_who_follows_all_of_it_hears_nothing() -> None:
    assert heard("corrected/least-privilege.yaml") == set()
