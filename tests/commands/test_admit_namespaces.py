"""`admit` and `check` on Namespaces: what their labels ask for that nobody knows."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from podproof.commands.admit import command as admit
from podproof.commands.check import command as check

PREFIX = "pod-security.kubernetes.io/"
REFUSED = (
    f'metadata.labels[{PREFIX}enforce]: Invalid value: "strict": must be one of privileged, baseline, '
    "restricted"
)


def _namespace(**labels: str) -> dict[str, Any]:
    named = {PREFIX + key.replace("_", "-"): value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": named}}


def _run(new: dict[str, Any], old: dict[str, Any] | None = None) -> Result:
    request = {
        "uid": "1",
        "operation": "CREATE" if old is None else "UPDATE",
        "resource": {"group": "", "version": "v1", "resource": "namespaces"},
        "name": "shop",
        "userInfo": {"username": "ann"},
        "object": new,
        "oldObject": old,
    }
    review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}
    return CliRunner().invoke(admit, ["-"], input=json.dumps(review), standalone_mode=False)


def test_an_unknown_level_is_refused_in_the_servers_words() -> None:
    result = _run(_namespace(enforce="strict"))
    assert result.return_value == 1
    assert f'The Namespace "shop" is invalid: {REFUSED}' in result.stderr + result.stdout


@pytest.mark.parametrize(
    ("labels", "noted"),
    [
        (
            {"enforce": "baseline", "enforce_version": "v1.99"},
            "enforce and warn: baseline:v1.99 is newer than every version that is known: judged as "
            "baseline:v1.37",
        ),
        ({"enforce": "privileged", "enforce_version": "v1.99"}, ""),
        ({"enforce": "baseline", "enforce_version": "v1.37"}, ""),
        ({}, ""),
    ],
)
def test_a_version_that_is_not_known_is_told(labels: dict[str, str], noted: str) -> None:
    result = _run(_namespace(**labels))
    assert result.return_value == 0
    assert (f"note: <stdin>:1: namespace 'shop': {noted}" if noted else "") in result.stderr
    assert ("is newer than" in result.stderr) is bool(noted)


def test_a_level_that_was_wrong_before_is_let_in_and_told() -> None:
    old = _namespace(enforce="strict")
    new = _namespace(enforce="strict")
    new["metadata"]["annotations"] = {"team": "web"}
    result = _run(new, old)
    assert result.return_value == 0
    assert f"note: <stdin>:1: namespace 'shop': {REFUSED}" in result.stderr


def test_check_says_what_the_server_says() -> None:
    text = json.dumps(_namespace(enforce="strict"))
    result = CliRunner().invoke(check, ["-", "--format", "full"], input=text, standalone_mode=False)
    assert result.return_value == 1
    assert f"error  invalid-value  {REFUSED}" in result.stdout
    assert "nothing to check was found" not in result.stdout


def test_a_namespace_without_labels_is_nothing_to_check() -> None:
    result = CliRunner().invoke(check, ["-"], input=json.dumps(_namespace()), standalone_mode=False)
    assert result.return_value == 3
    assert "nothing to check was found" in result.stdout
