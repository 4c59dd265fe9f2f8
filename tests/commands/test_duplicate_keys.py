"""Keys that stand twice in JSON: check and admit say what a server without strict validation stores."""

from pathlib import Path

import pytest
from click.testing import CliRunner

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
