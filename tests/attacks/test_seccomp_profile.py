"""What a seccomp profile answers: rules by name and by arguments, errors, and what is left open."""

import json
from typing import Any

import pytest
from test_attacks import DEFAULT, FACTS, LOCALHOST, PRIVILEGED, expected, scene

from podproof.attacks.filtered_calls import PROBES
from podproof.attacks.model.attack import NodeFacts
from podproof.attacks.model.seccomp_profile import SeccompRules, action_of, parse_rules
from podproof.effective.value import Unknown

ALLOW = {"names": ["keyctl"], "action": "SCMP_ACT_ALLOW"}
REFUSE = {"names": ["keyctl"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}


def rules(profile: dict[str, Any]) -> SeccompRules:
    parsed = parse_rules(json.dumps(profile).encode())
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "{", "[" * 100000, '{"defaultAction": 1}',
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["keyctl"]}]}',
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": ["keyctl"]}',
    ],
)  # fmt: skip
def test_what_is_not_a_profile_is_not_read(text: str) -> None:
    assert parse_rules(text.encode()) is None


def where(op: str, value: int, second: int = 0) -> dict[str, Any]:
    return {**ALLOW, "args": [{"index": 1, "value": value, "valueTwo": second, "op": f"SCMP_CMP_{op}"}]}


@pytest.mark.parametrize(
    ("profile", "answer"),
    [
        ({"defaultAction": "SCMP_ACT_ALLOW"}, ""),
        ({"defaultAction": "SCMP_ACT_LOG"}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO"}, "EPERM"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38}, "ENOSYS"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [ALLOW]}, ""),
        ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [REFUSE]}, "ENOSYS"),
        ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{**REFUSE, "errnoRet": 5000}]}, "5000"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{**ALLOW, "names": ["open"]}]}, "EPERM"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("EQ", 7)]}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("EQ", 8)]}, "EPERM"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("NE", 8)]}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("LT", 7)]}, "EPERM"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("LE", 7)]}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("GE", 8)]}, "EPERM"),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("GT", 6)]}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("MASKED_EQ", 3, 3)]}, ""),
        ({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [where("MASKED_EQ", 3, 1)]}, "EPERM"),
    ],
)
def test_answers(profile: dict[str, Any], answer: str) -> None:
    assert action_of(rules(profile), "keyctl", (0, 7)) == answer


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        ({"defaultAction": "SCMP_ACT_KILL"}, "SCMP_ACT_KILL"),
        ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [ALLOW, REFUSE]}, "several rules"),
        ({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [where("ODD", 1)]}, "SCMP_CMP_ODD"),
    ],
)
def test_what_is_left_open(profile: dict[str, Any], reason: str) -> None:
    answer = action_of(rules(profile), "keyctl", (0, 7))
    assert isinstance(answer, Unknown)
    assert reason in answer.reason


def test_predictions_of_the_probes() -> None:
    calls = [probe.call for probe in PROBES]
    assert set(expected("filtered-calls", scene(PRIVILEGED))) == {"allowed"}
    by_default = dict(zip(calls, expected("filtered-calls", scene(DEFAULT)), strict=True))
    assert by_default == dict.fromkeys(calls, "EPERM")
    admin = DEFAULT | {"capabilities": {"add": ["SYS_ADMIN"]}}
    stronger = dict(zip(calls, expected("filtered-calls", scene(admin)), strict=True))
    assert (stronger["setns"], stronger["kcmp"]) == ("allowed", "EPERM")
    assert set(expected("filtered-calls", scene(LOCALHOST))) == {"not predicted"}
    profile = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [REFUSE]}
    own = dict(zip(calls, expected("filtered-calls", scene(LOCALHOST, profile=rules(profile))), strict=True))
    assert own == dict.fromkeys(calls, "allowed") | {"keyctl": "ENOSYS"}


def test_what_a_machine_refuses_everybody_is_not_tried() -> None:
    node = NodeFacts(answers={"keyctl": "ENOSYS", "add_key": "EPERM", "setns": "EBADF"}, known_filter=False)
    answers = expected("filtered-calls", scene(DEFAULT, node=node))
    calls = [probe.call for probe in PROBES]
    untried = {call for call, answer in zip(calls, answers, strict=True) if answer == "not tried"}
    # where one call is refused to everybody, so may be the one that would change the asking process
    assert untried == {"keyctl", "add_key", "personality"}
    assert set(answers) == {"not tried", "not predicted"}
    assert "not tried" not in expected("filtered-calls", scene(DEFAULT, node=FACTS))
