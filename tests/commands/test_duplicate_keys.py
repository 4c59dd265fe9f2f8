"""Keys that stand twice in JSON: check and admit say what a server without strict validation stores."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import podproof
from podproof.commands.admit import command as admit
from podproof.commands.check import command as check

CONTAINERS = '"containers":[{"name":"c","image":"i"}]'
TWICE = '"containers":[{"name":"c","image":"i","securityContext":{"privileged":true},"securityContext":{}}]'


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ('"hostPID":true,"hostPID":null,' + CONTAINERS, "hostPID"),
        (TWICE, "privileged"),
        (f'"hostNetwork":true,"hostNetwork":null,{CONTAINERS}', "hostNetwork"),
    ],
)
def test_a_second_key_is_decoded_over_the_first(tmp_path: Path, spec: str, says: str) -> None:
    pod = tmp_path / "pod.json"
    head = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{'
    pod.write_text(head + spec + "}}")
    checked = CliRunner().invoke(check, [str(pod), "--level", "baseline"], standalone_mode=False)
    assert checked.return_value == 1
    assert "kubectl keeps the last, the API server decodes it over the first" in checked.output
    assert says in checked.output
    labels = "pod-security.kubernetes.io/enforce=baseline"
    answered = CliRunner().invoke(admit, [str(pod), "--namespace-labels", labels], standalone_mode=False)
    assert answered.return_value == 1
    assert f"{says}=true" in answered.output


HEAD = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{'


def answer(tmp_path: Path, text: str, name: str = "pod.json", *options: str) -> Result:
    file = tmp_path / name
    file.write_text(text)
    return CliRunner().invoke(admit, [str(file), *options], standalone_mode=False)


def test_who_does_not_ask_for_strict_validation_is_warned(tmp_path: Path) -> None:
    spec = f'"runAsNotRoot":true,"hostPID":false,"hostPID":true,{CONTAINERS}'
    text = HEAD + spec + "}}"
    result = answer(tmp_path, text)
    accepted = podproof.accept(text, field_validation="")
    assert accepted.warnings == (
        'unknown field "spec.runAsNotRoot"',
        'duplicate field "spec.hostPID"',
    )
    shown = [line for line in result.output.splitlines() if line.startswith("Warning: ")]
    assert shown == [f"Warning: {warning}" for warning in accepted.warnings]
    assert "pod/a created" in result.output
    assert "keys stand twice: answered as to a client that does not ask for strict" in result.output
    assert result.return_value == 0


def test_a_first_value_of_a_wrong_type_is_refused(tmp_path: Path) -> None:
    text = HEAD + f'"hostPID":"yes","hostPID":true,{CONTAINERS}' + "}}"
    result = answer(tmp_path, text)
    assert result.return_value == 1
    assert str(podproof.accept(text, field_validation="").message) in result.output


def test_lines_of_json_keep_both_values(tmp_path: Path) -> None:
    pod = HEAD + TWICE + "}}"
    labels = "pod-security.kubernetes.io/enforce=baseline"
    result = answer(tmp_path, f"{pod}\n{pod}\n", "pods.jsonl", "--namespace-labels", labels)
    assert result.return_value == 1
    assert "0 allowed, 2 denied" in result.output


def test_yaml_keeps_the_last_value_and_is_read_strictly(tmp_path: Path) -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostPID: true\n  hostPID: null\n"
        "  containers: [{name: c, image: i}]\n"
    )
    labels = "pod-security.kubernetes.io/enforce=baseline"
    result = answer(tmp_path, text, "pod.yaml", "--namespace-labels", labels)
    assert result.return_value == 0
    assert "stand twice" not in result.output
    result = answer(tmp_path, text + "  runAsNotRoot: true\n", "pod.yaml")
    assert 'unknown field "spec.runAsNotRoot"' in result.output
    assert result.return_value == 1


def test_typed_lists_in_lines_are_taken_apart(tmp_path: Path) -> None:
    pod = HEAD + CONTAINERS + "}}"
    pods = '{"apiVersion":"v1","kind":"PodList","items":[' + pod + "]}"
    result = answer(tmp_path, f"{pods}\n{pods}\n", "pods.jsonl")
    assert "2 allowed, 0 denied" in result.output


def test_a_list_whose_items_stand_twice_is_told(tmp_path: Path) -> None:
    pods = [HEAD + spec + "}}" for spec in (TWICE, CONTAINERS, CONTAINERS)]
    text = f'{{"apiVersion":"v1","kind":"List","items":[{pods[0]}],"items":[{pods[1]},{pods[2]}]}}'
    (tmp_path / "pods.json").write_text(text)
    arguments = [str(tmp_path / "pods.json"), "--select", "duplicate-key,privileged"]
    checked = CliRunner().invoke(check, arguments, standalone_mode=False)
    told = 'key "items" is set more than once: kubectl keeps the last, and applies none of the others'
    assert checked.output.count(told) == 1
    assert checked.output.count("is set more than once") == 1
