"""The room of checks: what it refuses to start with, and that every control has what it must have."""

import re
from pathlib import Path
from typing import Any

import pytest

from podproof.checks.model.catalogue import all_checks, pod_security_checks, validate
from podproof.checks.model.check import Check
from podproof.checks.model.pages import page
from podproof.checks.model.pod_security import PodSecurityCheck
from podproof.registry import RegistryError

HERE = Path(__file__).parent


def control(id_: str = "a", **changed: Any) -> PodSecurityCheck:
    values: dict[str, Any] = {"upstream_id": id_, "summary": "", "level": "baseline"}
    return PodSecurityCheck(id=id_, **(values | {"versions": ((0, lambda *_: None),)} | changed))


def since(*minors: int) -> tuple[tuple[int, Any], ...]:
    return tuple((minor, lambda *_: None) for minor in minors)


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ([control(), control()], "multiple checks registered for ID a"),
        ([control(), control("b", upstream_id="a")], "multiple checks registered for ID a"),
        ([control(level="privileged")], "check a: invalid level privileged"),
        ([control(versions=())], "check a: empty"),
        ([control(versions=since(-1))], "check a: undefined version found"),
        ([control(versions=since(3, 3))], "check a: duplicate version v1.3"),
        ([control(versions=since(3, 2))], "check a: versions must be strictly increasing"),
        ([control(overrides=("b",))], "check a: only restricted checks may set overrides"),
        (
            [control("b", level="restricted"), control(level="restricted", overrides=("b",))],
            "check a: overrides restricted check b",
        ),
    ],
)
def test_a_contradiction_is_refused_in_upstreams_words(checks: list[PodSecurityCheck], message: str) -> None:
    with pytest.raises(RegistryError) as raised:
        validate(checks)
    assert str(raised.value) == message


def test_the_room_does_not_open_with_a_contradiction(monkeypatch: pytest.MonkeyPatch) -> None:
    found = (control(), control("b", upstream_id="a"))
    monkeypatch.setattr("podproof.checks.model.catalogue.members", lambda *_: found)
    with pytest.raises(RegistryError):
        all_checks.__wrapped__()


def test_overriding_an_unknown_check_is_accepted() -> None:
    validate([control(level="restricted", overrides=("nobody",))])


@pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)
def test_every_check_has_a_page_with_its_source_and_a_document(check: Check) -> None:
    text = page(check)
    assert text.startswith(f"# {check.id}\n")
    assert "**Source:**" in text
    document = (HERE / f"{check.id.replace('-', '_')}.md").read_text()
    # the document's own test makes sure that it is found there, by whatever finds it
    assert re.search(rf"# [a-z]+: \[[^\]]*\b{check.id}\b", document)


@pytest.mark.parametrize("check", pod_security_checks(), ids=lambda check: check.id)
def test_the_page_of_a_control_says_what_it_restricts_and_since_when(check: PodSecurityCheck) -> None:
    for words in ("**Restricted fields:**", "**Since:**", check.upstream_id):
        assert words in page(check)
