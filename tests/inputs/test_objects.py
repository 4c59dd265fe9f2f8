"""Objects and what is none: Lists, templates, Kustomize files and other YAML, each with its reason."""

from pathlib import Path

import pytest
import requires
from cost import LINEAR, growth

from podproof.inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from podproof.inputs.objects import read_file, read_paths
from podproof.inputs.recognise import has_actions, whole_workloads, without_actions
from podproof.manifest.route import Route

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"


def reasons(text: str, file: str = "f.yaml") -> list[str]:
    out = []
    for result in read_file(InputFile(file, text.encode())):
        if isinstance(result, SkippedInput):
            out.append(result.reason)
        elif isinstance(result, UnreadableInput):
            out.append("! " + result.message)
        else:
            out.append("")
    return out


def test_lists_are_unrolled() -> None:
    text = (
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n- 5\n"
        "- {apiVersion: v1, kind: PodList, items: [{metadata: {name: a}}]}\n"
    )
    found = list(read_file(InputFile("f.yaml", text.encode())))
    items = [(r.route_prefix, r.value["kind"]) for r in found if isinstance(r, InputObject)]
    assert items == [(("items", 0), "Pod"), (("items", 2, "items", 0), "Pod")]
    (skipped,) = [r for r in found if isinstance(r, SkippedInput)]
    assert (skipped.line, skipped.reason) == (5, "items[1] of the List is not an object")


@pytest.mark.parametrize(
    ("text", "file", "words"),
    [
        ("kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\n", "k.yaml", "Kustomization"),
        ("resources: [a.yaml]\n", "x/kustomization.yaml", "kustomize build x"),
        ("- op: add\n  path: /a\n", "p.yaml", "JSON patch"),
        ("- a\n", "p.yaml", "a list at the top"),
        ("apiVersion: v2\nname: c\n", "Chart.yaml", "Helm chart"),
        ('{"name": "x"}', "package.json", "npm"),
        ("image: {tag: 1}\n", "values.yaml", "values"),
        ("services: {a: {image: b}}\n", "docker-compose.yaml", "Compose"),
        ("hello\n", "x.yaml", "plain text"),
        ("{}\n", "x.yaml", "empty mapping"),
        ("", "x.yaml", "the file is empty"),
        ("# only\n", "x.yaml", "the file is empty"),
        ("null\n", "x.yaml", "empty document"),
        ("some: thing\n", "x.yaml", "no apiVersion and kind"),
        ("apiVersion: v1\nkind: List\nitems: []\n", "x.yaml", "an empty List"),
        ("a: {{ .Values.x }}\n", "x.yaml", "render it first"),
        ("{{- if .Values.x }}\na: 1\n{{- end }}\n", "x.yaml", "render it first"),
    ],
)
def test_reasons(text: str, file: str, words: str) -> None:
    (reason,) = reasons(text, file)
    assert words in reason


@pytest.mark.parametrize(
    "text",
    [
        POD,
        POD + "spec: {containers: [{name: c, args: ['{{ .Values.x }}']}]}\n",
        POD + "# {{ if }}\n",
        "containers:\n- name: c\n  image: i\n",
        "securityContext:\n  runAsNonRoot: true\n",
        "kind: Pod\nspec: {}\n",
    ],
)
def test_objects_and_fragments_are_judged(text: str) -> None:
    assert reasons(text) == [""]


def test_a_broken_middle_hides_nothing() -> None:
    first, middle, last = reasons(POD + "---\na: 'x\n---\n" + POD)
    assert (first, last) == ("", "")
    assert middle.startswith("! the quote")


def test_a_chart(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "Chart.yaml").write_text("apiVersion: v2\nname: c\n")
    (tmp_path / "values.yaml").write_text("a: 1\n")
    (tmp_path / "templates" / "p.yaml").write_text(POD + "  labels: {{ .x }}\n")
    (tmp_path / "templates" / "plain.yaml").write_text(POD)
    found = {
        Path(r.file if isinstance(r, SkippedInput) else r.document.file).name: getattr(r, "reason", None)
        for r in read_paths([str(tmp_path)])
        if isinstance(r, SkippedInput | InputObject)
    }
    assert found["plain.yaml"] is None
    assert f"helm template {tmp_path} | podproof check -" in found["p.yaml"]
    assert "values of a Helm chart" in found["values.yaml"]
    assert "description of a Helm chart" in found["Chart.yaml"]


def test_kustomize_patches_are_no_objects_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("patches: [{path: patch.yaml}]\nresources: [pod.yaml]\n")
    (tmp_path / "patch.yaml").write_text(POD)
    (tmp_path / "pod.yaml").write_text(POD)
    found = list(read_paths([str(tmp_path)]))
    assert [r.document.file for r in found if isinstance(r, InputObject)] == [str(tmp_path / "pod.yaml")]
    assert len([r for r in found if isinstance(r, SkippedInput)]) == 2
    (named,) = read_paths([str(tmp_path / "patch.yaml")])  # as pre-commit names it
    assert isinstance(named, SkippedInput)


@requires.needs(requires.shared("corpus/apps.tar.gz"))
def test_real_projects() -> None:
    """Nothing in the corpus is unreadable."""
    import tarfile

    items = 0
    with tarfile.open(requires.SHARED / "corpus" / "apps.tar.gz") as files:
        for member in files:
            stream = files.extractfile(member) if member.name.endswith((".yaml", ".yml", ".json")) else None
            if stream is None:
                continue
            for result in read_file(InputFile(member.name, stream.read())):
                assert not isinstance(result, UnreadableInput), result
                items += isinstance(result, InputObject)
    assert items > 3000


@pytest.mark.parametrize(
    ("text", "is_template"),
    [
        ("image: {{ .Values.image }}\nb: [", True),
        ("{{- if .Values.on }}\na: 1\n{{- end }}", True),
        ('labels:\n  {{- include "x" . | nindent 4 }}', True),
        ("a: |\n  text\n{{ range .list }}", True),
        ('summary: "{{ $labels.pod }} is down"\nb: [', False),
        ("summary: '{{ $labels.pod }} is down'\nb: [", False),
        ("summary: |-  # of an alert\n  {{ $value }}\n\n  more {{ $value }}\nb: [", False),
        ("# {{ .Values.image }}\nb: [", False),
        ("a: b # {{ .Values.image }}\nb: [", False),
        ("a: {b: {{c: d}}\nb: [", False),
    ],
)
def test_broken_text_is_a_template_only_by_actions_outside_of_strings(text: str, is_template: bool) -> None:
    (result,) = read_file(InputFile("a.yaml", text.encode()))
    assert isinstance(result, SkippedInput if is_template else UnreadableInput)


@pytest.mark.parametrize(
    ("text", "is_template"),
    [
        ("a: text {{ $x }} text\nb: [", False),
        ("a: >-\n  text {{ $x }}\nc: {{ .x }} y\nb: [", True),
        ("{{- if .x }}\na: 1\n{{- end }}\nb: [", True),
        ("a: text {{ $x }} text\nb: {{ .y }}\nc: [", True),
    ],
)
def test_what_breaks_without_the_actions_too_is_no_template(text: str, is_template: bool) -> None:
    (result,) = read_file(InputFile("a.yaml", text.encode()))
    assert isinstance(result, SkippedInput if is_template else UnreadableInput)


@pytest.mark.parametrize(
    "text",
    [
        "|\n  apiVersion: v1\n  kind: Pod\n",
        '"apiVersion: v1\\nkind: Pod\\n"',
        '// a comment\n{"apiVersion":"v1","kind":"Pod"}',
        '/* a comment */\n{"apiVersion":"v1","kind":"Pod"}',
        'null\n{"apiVersion":"v1","kind":"Pod"}',
    ],
)
def test_a_manifest_that_is_read_as_text_is_unreadable(text: str) -> None:
    (reason,) = reasons(text, "a.json")
    assert reason.startswith("! a manifest that is read as plain text")


WHOLE = "{apiVersion: v1, kind: Pod, metadata: {name: p}}"


@pytest.mark.parametrize(
    ("text", "routes"),
    [
        (f"[{WHOLE}, {{apiVersion: v1, kind: Service}}]", [(0,), (1,)]),
        (f"extra: [{WHOLE}, 5]", [("extra", 0)]),
        (f"- tasks: [{{k8s: {{definition: {WHOLE}}}}}]", [(0, "tasks", 0, "k8s", "definition")]),
        (f"items: [{WHOLE}]", [("items", 0)]),
        (f"a: {{apiVersion: v1, kind: List, items: [{WHOLE}]}}", [("a", "items", 0)]),
        (f"image: {{}}\nextraDeploy: [{WHOLE}]", [("extraDeploy", 0)]),
        ("a: {apiVersion: v1, kind: Service}", []),
        ("a: {apiVersion: v1, kind: {type: string}}", []),
    ],
)
def test_whole_workloads_in_other_yaml_are_judged(text: str, routes: list[Route]) -> None:
    found = list(read_file(InputFile("values.yaml", text.encode())))
    assert [r.route_prefix for r in found if isinstance(r, InputObject)] == routes
    is_list = text.startswith("[")
    assert [type(r) for r in found[len(routes) :]] == ([] if is_list else [SkippedInput])


def test_what_is_no_object_in_a_list_at_the_top_level_is_told() -> None:
    assert reasons(f"[{WHOLE}, 5]") == ["", "item 1 of the list is not an object"]


def test_what_stands_in_a_list_in_another_way_is_looked_at() -> None:
    text = f"apiVersion: v1\nkind: List\nitems: [[{WHOLE}], 'apiVersion: v1\n\n  kind: Pod']\n"
    read = list(read_file(InputFile("a.yaml", text.encode())))
    assert [r.route_prefix for r in read if isinstance(r, InputObject)] == [("items", 0, 0)]
    assert [type(r) for r in read[1:]] == [SkippedInput, UnreadableInput]


@pytest.mark.parametrize("more", ["spec: {template: {}}", "hostNetwork: true"])
def test_a_custom_resource_that_is_named_like_a_list_is_an_object(more: str) -> None:
    text = f"apiVersion: example.com/v1\nkind: BlockList\nitems: [a]\n{more}\n"
    (found,) = read_file(InputFile("a.yaml", text.encode()))
    assert isinstance(found, InputObject)
    assert found.route_prefix == ()


def test_objects_inside_a_kustomization_are_its_own_business() -> None:
    (reason,) = reasons(f"patches: [{{patch: {WHOLE}}}]", "kustomization.yaml")
    assert reason.startswith("Kustomization")


def test_looking_for_whole_workloads_takes_linear_time() -> None:
    assert growth(lambda size: list(whole_workloads([{"a": {"b": 1}}] * size)), 5_000) < LINEAR


def test_filling_in_for_actions_takes_linear_time() -> None:
    for piece in ("{{", "{{a", "{{a}}", "{{a}", "\n{{"):
        grown = growth(lambda size, piece=piece: without_actions(piece * size), 5_000)  # type: ignore[misc]
        assert grown < LINEAR


def test_looking_for_actions_takes_linear_time() -> None:
    for piece in ('"', "{{", "'{{", '\\"{{', "{{a.", " #"):
        grown = growth(lambda size, piece=piece: has_actions(piece * size + "}}"), 10_000)  # type: ignore[misc]
        assert grown < LINEAR
