"""The verbs `explain` and `images lock`: options, formats and exit codes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from podproof.commands.explain import command as explain
from podproof.commands.images import command as images

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n"
    "  containers: [{name: a, image: i}, {name: b, image: i}]\n"
)


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(explain, list(arguments), input=text, standalone_mode=False)


def test_explain_json_of_one_container_and_field(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(POD)
    result = run(str(path), "--container", "b", "--field", "runAsUser", "--format", "json")
    assert result.return_value == 0
    (container,) = json.loads(result.stdout)["objects"][0]["containers"]
    assert container["name"] == "b"
    assert list(container["fields"]) == ["runAsUser"]


def test_explain_reads_standard_input_and_every_format() -> None:
    for form in ("text", "markdown", "html"):
        assert "the process will be" in run("-", "--format", form, text=POD).stdout


def test_explain_exit_codes(tmp_path: Path) -> None:
    assert run(str(tmp_path / "none.yaml")).return_value == 4
    assert run("-", text="a: {\n").return_value == 4
    assert run("-", text="kind: ConfigMap\napiVersion: v1\n").return_value == 3
    assert type(run("-", "--runtime", "dockerd", text=POD).exception).__name__ == "UsageError"
    assert type(run("-", "--field", "nope", text=POD).exception).__name__ == "UsageError"


def test_explain_follows_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "podproof.toml").write_text('runtime = "containerd-1.6.20"\nimages = "facts.yaml"\n')
    (tmp_path / "facts.yaml").write_text("schema: podproof/images/v1\nimages: {}\n")
    assert "containerd-1.6.20" in run("-", text=POD).stdout
    assert "containerd-1.6.20" not in run("-", "--runtime", "containerd-2.3.7", text=POD).stdout
    (tmp_path / "facts.yaml").unlink()
    assert "facts.yaml" in str(run("-", text=POD).exception)


def test_images_lock_names_what_no_archive_has(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(POD)
    lock = tmp_path / "lock.yaml"
    arguments = [
        "lock",
        str(tmp_path / "x.tar"),
        "--manifest",
        str(tmp_path / "p.yaml"),
        "--output",
        str(lock),
    ]
    assert (
        type(CliRunner().invoke(images, arguments, standalone_mode=False).exception).__name__ == "ImageError"
    )


def test_explain_says_that_there_is_nothing() -> None:
    empty = run("-", text="kind: ConfigMap\napiVersion: v1\n")
    assert empty.stderr == "podproof: there is nothing to explain\n"
    template = run("-", text="kind: Pod\nspec: {{ toYaml . }}\n  x: {{ end }}\n")
    assert template.return_value == 3
    assert "there is nothing to explain" in template.stderr
    assert "note: 1 input is skipped: <stdin>:2: a template" in template.stderr


def test_explain_names_the_containers_that_there_are() -> None:
    result = run("-", "--container", "c", text=POD)
    assert result.return_value == 3
    assert result.stderr == "podproof: no container is named 'c', there are a, b\n"


def test_explain_refuses_an_unknown_field_even_where_no_container_is_left() -> None:
    result = run("-", "--container", "c", "--field", "nope", text=POD)
    assert "unknown field 'nope', known are runAsUser" in str(result.exception)


def test_an_empty_option_is_no_default() -> None:
    assert "unknown runtime ''" in str(run("-", "--runtime", "", text=POD).exception)


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_one_field_leaves_the_sentences_as_they_are(form: str) -> None:
    pod = POD.replace("{name: b, image: i}", "{name: b, image: i, securityContext: {runAsUser: 0}}")
    shown = run("-", "--container", "b", "--field", "capabilities", "--format", form, text=pod).stdout
    assert "it is root, because" in shown
    assert "readOnlyRootFilesystem" not in shown
    assert "--node FILE" not in shown


def test_what_cannot_be_read_is_not_nothing() -> None:
    refused = run("-", text=POD.replace("name: p", "name: 5"))
    assert refused.return_value == 4
    assert refused.stderr.startswith("podproof: <stdin>:3:18: cannot be explained")
    assert "nothing to explain" not in refused.stderr


def test_what_is_not_explained_is_told() -> None:
    run_of_task = (
        "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: r}\n"
        "spec:\n  taskRef: {name: build}\n  podTemplate: {hostNetwork: true}\n"
    )
    result = run("-", text=f"{run_of_task}---\n{POD}")
    assert result.return_value == 0
    assert (
        "note: <stdin>:1: not explained: spec.podTemplate.hostNetwork, spec.taskRef (its containers are "
        "those of a Task elsewhere, in a pod with the settings of the run)" in result.stderr
    )
    assert "not explained" not in run("-", text=POD).stderr
