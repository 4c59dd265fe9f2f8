"""Wrong facts about images and nodes end in one line that names the place, whatever the verb."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from podproof.commands.check import command as check
from podproof.commands.explain import command as explain
from podproof.errors import PodproofError

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: web}]}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selinux: true\naparmor: true\n", r"n\.yaml:2:1: unknown key 'aparmor', did you mean 'apparmor'"),
        ("apparmor: 'yes'\n", r"n\.yaml:1:1: apparmor must be true or false, has 'yes'"),
        (
            "apparmor: true\napparmor: false\n",
            r"n\.yaml:2:1: apparmor is set twice, keep one of them",
        ),
        ("capabilities:\n- CHOWN\n- NOPE\n", r"n\.yaml:3:3: capabilities: 'NOPE' is not a Linux capability"),
        (
            "capabilities: [CHOWN, ALL]\n",
            r"n\.yaml:1:23: capabilities: 'ALL' means every one, so it must stand",
        ),
        ("paths: [/proc, 1]\n", r"n\.yaml:1:16: paths\[1\] must be a string, has 1: quote it"),
        ("apparmor: true\n---\napparmor: false\n", r"n\.yaml:1: must be one YAML document"),
        ("- a\n", r"n\.yaml:1:1: must be a mapping with the keys"),
        ("a: [\n", r"n\.yaml:\d+:\d+: "),
        ("", r"n\.yaml:1: must be one YAML document"),
    ],
)
def test_a_wrong_node_file_is_named_with_the_place(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "n.yaml").write_text(text)
    for verb in (explain, check):
        arguments = ["-", "--node", str(tmp_path / "n.yaml")]
        error = CliRunner().invoke(verb, arguments, input=POD, standalone_mode=False).exception
        assert isinstance(error, PodproofError)
        assert re.search(message, str(error))
        assert "\n" not in str(error)


def test_a_wrong_lock_file_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    lock = tmp_path / "lock.yaml"
    lock.write_text("schema: podproof/images/v1\nimages:\n  web: {usr: root}\n")
    for verb in (explain, check):
        arguments = ["-", "--images", str(lock)]
        error = CliRunner().invoke(verb, arguments, input=POD, standalone_mode=False).exception
        assert "lock.yaml:3:9: images.web.usr is not a key of an image, did you mean user" in str(error)


@pytest.mark.parametrize(
    ("name", "nearest"), [("contanerd", "containerd"), ("crio2", "cri-o"), ("docker", "")]
)
def test_an_unknown_runtime_names_the_nearest(name: str, nearest: str) -> None:
    for verb in (explain, check):
        arguments = ["-", "--runtime", name]
        error = CliRunner().invoke(verb, arguments, input=POD, standalone_mode=False).exception
        assert f"unknown runtime '{name}', nearest are" in str(error)
        assert nearest in str(error).partition("nearest are")[2]
