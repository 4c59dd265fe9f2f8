"""What is made of fields that a PodSecurityPolicy does not know, and what is left to a person."""

from typing import Any

import pytest

from podproof.edits.edit import Edit
from podproof.fixes.change import PlannedChange
from podproof.fixes.mistakes import Unmended
from podproof.fixes.policy_mistakes import mend_policy_field
from podproof.manifest.route import Route


@pytest.mark.parametrize(
    ("value", "route", "target", "what"),
    [
        ({"volumes": ["*"], "spec": {}}, ("volumes",), "volumes", "move volumes to spec.volumes"),
        ({"privileged": False, "spec": {"privileged": None}}, ("privileged",), "privileged",
         "move privileged to spec.privileged"),
        ({"spec": {"privilegd": False}}, ("spec", "privilegd"), "privileged",
         "rename spec.privilegd to privileged"),
        ({"spec": {"volume": ["secret"]}}, ("spec", "volume"), "volumes", "rename spec.volume to volumes"),
        ({"spec": {"seLinuxs": {}}}, ("spec", "seLinuxs"), "seLinux",
         "rename spec.seLinuxs to seLinux"),
        # the nearest of two names
        ({"spec": {"hostPIDs": True}}, ("spec", "hostPIDs"), "hostPID", "rename spec.hostPIDs to hostPID"),
        ({"spec": {"runAsGroups": {}}}, ("spec", "runAsGroups"), "runAsGroup",
         "rename spec.runAsGroups to runAsGroup"),
    ],
)  # fmt: skip
def test_what_is_mended(value: dict[str, Any], route: Route, target: str, what: str) -> None:
    written = value[str(route[0])] if len(route) == 1 else value["spec"][str(route[1])]
    edits = (Edit(route, "remove"), Edit(("spec", target), "set", written))
    why = f"{route[-1]} was ignored, and the policy is another one with it: confirm that it is meant"
    assert mend_policy_field(value, route) == PlannedChange("guess", edits, what, why, ("unknown-field",))


@pytest.mark.parametrize(
    ("value", "route", "what", "why"),
    [
        ({"volumes": ["*"], "spec": {"volumes": ["*"]}}, ("volumes",), "remove volumes",
         "spec.volumes says the same, and has an effect"),
        ({"spec": {"hostPIDs": False, "hostPID": False}}, ("spec", "hostPIDs"), "remove spec.hostPIDs",
         "spec.hostPID says the same, and has an effect"),
    ],
)  # fmt: skip
def test_what_is_said_in_the_right_place_goes_from_the_wrong_one(
    value: dict[str, Any], route: Route, what: str, why: str
) -> None:
    edits = (Edit(route, "remove"),)
    assert mend_policy_field(value, route) == PlannedChange("same", edits, what, why, ("unknown-field",))


UNLIKE = "no field has a name like it: remove it, or write the field that was meant"
NO_FIELD = "a policy has no such field: remove it, or write the field that was meant"
NO_SPEC = "the policy has no spec to move it to: add it there"


@pytest.mark.parametrize(
    ("value", "route", "why"),
    [
        ({"spec": {"nonsense": 1}}, ("spec", "nonsense"), UNLIKE),
        ({"rules": [], "spec": {}}, ("rules",), NO_FIELD),
        # beside the spec, only the names of its fields are known
        ({"privilegd": True, "spec": {}}, ("privilegd",), NO_FIELD),
        # what is too deep is nobody's
        ({"spec": {"seLinux": {"privileged": True}}}, ("spec", "seLinux", "privileged"), NO_FIELD),
        ({"spec": {"fsGroup": {"ranges": [{"mni": 1}]}}}, ("spec", "fsGroup", "ranges", 0, "mni"), NO_FIELD),
        ({"volumes": ["*"]}, ("volumes",), NO_SPEC),
        ({"volumes": ["*"], "spec": None}, ("volumes",), NO_SPEC),
        ({"volumes": ["*"], "spec": []}, ("volumes",), NO_SPEC),
        ({"volumes": ["*"], "spec": {"volumes": ["secret"]}}, ("volumes",),
         "spec.volumes has another value: keep one of them"),
        ({"spec": {"privilegd": 1, "privileged": True}}, ("spec", "privilegd"),
         "spec.privileged has another value: keep one of them"),
    ],
)  # fmt: skip
def test_what_is_left(value: dict[str, Any], route: Route, why: str) -> None:
    assert mend_policy_field(value, route) == Unmended(why)
