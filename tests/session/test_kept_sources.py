"""What bears on other objects is found however it is written, and streaming gives what the whole gives."""

from pathlib import Path

import pytest

from podproof.effective.setting import Setting
from podproof.errors import OutputError
from podproof.inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from podproof.inputs.objects import read_file
from podproof.kube.custom_schemas import is_definition
from podproof.kube.storage import is_storage
from podproof.results.explained import Explained
from podproof.session import kept_sources
from podproof.session.explain import explain_found, explain_inputs
from podproof.session.kept_sources import KeptSources, may_tell
from podproof.session.sources import collect, find_unread
from podproof.session.spool import Spool

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

CLASS = "apiVersion: storage.k8s.io/v1\nkind: %s\nmetadata: {name: fast}\nprovisioner: csi.example\n"

TELLING = {
    "plain": CLASS % "StorageClass",
    "claim": "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: c}\n",
    "volume": "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: c}\n",
    "driver": "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: c}\n",
    "definition": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {}\n",
    "typed list": "apiVersion: storage.k8s.io/v1\nkind: StorageClassList\nitems: [{metadata: {name: c}}]\n",
    "list": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: CSIDriver, metadata: {name: c}}\n",
    "JSON": '{"apiVersion": "v1", "kind": "Storage\\u0043lass", "metadata": {"name": "c"}}',
    "\\x": CLASS % '"\\x53torageClass"',
    "\\u": CLASS % '"Storage\\u0043lass"',
    "\\U": CLASS % '"Storage\\U00000043lass"',
    "escaped line feed": CLASS % '"Storage\\\n  Class"',
    "escaped carriage return": CLASS % '"Storage\\\r  Class"',
    "escaped next line": CLASS % '"Storage\\\x85  Class"',
    "escaped line separator": CLASS % '"Storage\\\u2028  Class"',
    "escaped paragraph separator": CLASS % '"Storage\\\u2029  Class"',
    "binary": CLASS % "!!binary U3RvcmFnZUNsYXNz",
    "binary in full": CLASS % "!<tag:yaml.org,2002:binary> U3RvcmFnZUNsYXNz",
    "binary with a handle": "%TAG !e! tag:yaml.org,2002:\n---\n" + CLASS % "!e!binary U3RvcmFnZUNsYXNz",
    "binary with another meaning of !": "%TAG ! tag:yaml.org,2002:\n---\n"
    + CLASS % "!binary U3RvcmFnZUNsYXNz",
    "binary with an escape": CLASS % "!!%62inary U3RvcmFnZUNsYXNz",
    "alias": "apiVersion: storage.k8s.io/v1\nmetadata: {name: &n StorageClass}\nkind: *n\n",
    "merge": "x: &x {kind: StorageClass}\napiVersion: storage.k8s.io/v1\nmetadata: {name: c}\n<<: *x\n",
    "inside of other YAML": "a:\n  b:\n    apiVersion: v1\n    kind: Pod\n    x: StorageClass\n",
}


@pytest.mark.parametrize("text", TELLING.values(), ids=TELLING)
def test_however_it_is_written_it_is_found(text: str) -> None:
    data = text.encode()
    assert may_tell(data)
    values = [item.value for item in read_file(InputFile("a.yaml", data)) if isinstance(item, InputObject)]
    if "Pod" not in text and "%TAG" not in text:  # these may be ways to write it; the others are
        assert any(is_storage(value) or is_definition(value) for value in values)


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nspec: {volumes: [{persistentVolumeClaim: {claimName: c}}]}\n",
        'apiVersion: v1\nkind: ConfigMap\ndata: {a: "say \\"hello\\"\\n", b: C:\\dir}\n',
        "apiVersion: apps/v1\nkind: StatefulSet\nspec: {volumeClaimTemplates: [{storageClassName: s}]}\n",
    ],
)
def test_nearly_everything_else_is_parsed_once(text: str) -> None:
    assert not may_tell(text.encode())


POD = """\
apiVersion: v1
kind: Pod
metadata: {name: p%s}
spec:
  securityContext: {fsGroup: 2000}
  containers:
  - {name: c, image: i, volumeMounts: [{name: data, mountPath: /data}]}
  volumes: [{name: data, persistentVolumeClaim: {claimName: mine}}]
"""
CLAIM = (
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: mine}\nspec: {storageClassName: %s,"
    " accessModes: [ReadWriteOnce]}\n"
)
DRIVER = (
    "apiVersion: storage.k8s.io/v1\nkind: CSIDriver\nmetadata: {name: csi.example}\n"
    "spec: {fsGroupPolicy: None}\n"
)
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: apps.example.org}
spec:
  group: example.org
  names: {kind: App}
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        properties:
          spec:
            properties:
              web:
                properties:
                  image: {type: string}
                  securityContext: {properties: {privileged: {}, capabilities: {}}}
"""
APP = (
    "apiVersion: example.org/v1\nkind: App\nmetadata: {name: a}\n"
    "spec: {web: {image: i, securityContext: {privileged: true}}}\n"
)
NOTHING = "# a comment\n---\n# another\n"
BIG = "\n---\n".join(f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m{n}}}\n" for n in range(3000))
PODS = [POD % number for number in range(400)]
TAG = "%TAG !e! tag:yaml.org,2002:\n"

FOLDERS: dict[str, dict[str, str | bytes]] = {
    "what is told stands behind": {
        "a.yaml": POD % 1,
        "b.yaml": APP,
        "c.yaml": CLAIM % "fast",
        "d.yaml": CLASS % '"\\x53torageClass"',
        "e.json": '{"apiVersion": "v1", "kind": "List", "items": []}',
        "f.yaml": DRIVER,
        "g.yaml": DEFINITION,
    },
    "the last of one name counts": {"a.yaml": CLAIM % "fast", "b.yaml": POD % 1, "c.yaml": CLAIM % "slow"},
    "odd files": {
        "a.yaml": "",
        "b.yaml": NOTHING,
        "c.yaml": b"kind: \xff\n",
        "d.yaml": "kind: {\n---\n" + POD % 1,
        "e.json": '{"kind": "\\ud800", "apiVersion": "v1"}',
        "f.yaml": "a: &a [1]\nb: *c\n",
        "g.yaml": "- just\n- text\n",
        "h.txt": POD % 2,
        "i.yaml.bak": POD % 3,
        "kustomization.yaml": "resources: [a.yaml]\npatches: [{path: p.yaml}]\n",
        "p.yaml": POD % 4,
        "chart/Chart.yaml": "name: c\nversion: 1.0.0\n",
        "chart/templates/d.yaml": "{{ if .Values.x }}\n" + POD % 5 + "{{ end }}\n",
        "chart/templates/e.yaml": DEFINITION,
        "u\udcff.yaml": POD % 6,
        "y.yaml": "apiVersion: v1\nkind: Pod\nspec: {containers: {}}\n",
        "z.yaml": POD.replace("containers:", "contaners:") % 7,
    },
    "a big file in which everything is": {
        "a.yaml": "---\n".join([*PODS, CLAIM % "fast", CLASS % "StorageClass", "a: {\n"])
        + "---\n"
        + "---\n".join([APP, DEFINITION, DRIVER, *PODS, "# the end\n"]),
        "b.yaml": NOTHING + "---\n# and so on\n" * 9000,
        "c.yaml": "---\n".join([DEFINITION + f"# {'x' * 700}\n"] * 100),
        "d.yaml": "---\n".join([DEFINITION + f"# {'x' * 700}\n"] * 100) + "---\n# nothing\n",
        "e.yaml": BIG + "\n---\n" + CLAIM % "slow" + "\n---\n" + DEFINITION + "\n---\n" + POD % 3,
        "f.yaml": BIG + "\n---\n" + POD % 8,
        "g.yaml": (BIG + "\n---\n" + POD % 9).replace("\n", "\r\n"),
        "h.yaml": "\ufeff" + BIG + "\n...\n# between\n---\n" + POD % 10 + "\n...\nlost: 1\n---\n{{ x }}: {\n",
        "i.yaml": f"{TAG}---\n{BIG}\n...\n{TAG}---\n" + POD % 11,
        "chart/Chart.yaml": "name: c\nversion: 1.0.0\n",
        "chart/templates/d.yaml": "{{ if .Values.x }}\n---\n" + BIG + DEFINITION + "{{ end }}\n",
    },
}  # fmt: skip


def _write(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


Heard = tuple[Explained, list[str], list[str], list[SkippedInput]]


def _streamed(folder: str) -> Heard:
    problems: list[str] = []
    notes: list[str] = []
    skipped: list[SkippedInput] = []
    objects = explain_found(
        find_unread((folder,), hidden=True),
        Setting(),
        problem=problems.append,
        note=notes.append,
        skipped=skipped.append,
    )
    return Explained(objects=tuple(objects)), problems, notes, skipped


def _compare(folder: str) -> Heard:
    """Compare with what is explained when all is held, and files are not cut."""
    streamed = _streamed(folder)
    inputs = list(collect((folder,), hidden=True))
    notes: list[str] = []
    explained, problems = explain_inputs(inputs, Setting(), note=notes.append)
    assert streamed[0] == explained
    assert tuple(streamed[1]) == problems
    assert streamed[2] == notes
    assert streamed[3] == [item for item, _ in inputs if isinstance(item, SkippedInput)]
    return streamed


@pytest.mark.parametrize("files", FOLDERS.values(), ids=FOLDERS)
def test_streaming_gives_what_the_whole_gives(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    _write(tmp_path, files)
    _compare(str(tmp_path))


def test_streaming_gives_what_the_whole_gives_for_the_examples() -> None:
    assert _compare(str(EXAMPLES))[0].objects


def test_what_is_told_behind_is_known_in_front(tmp_path: Path) -> None:
    _write(tmp_path, FOLDERS["what is told stands behind"])
    explained, *_ = _compare(str(tmp_path))
    pod, app = explained.objects
    (volume,) = pod.containers[0].fields["volumes"].value
    assert volume.text == "StorageClass fast (csi): never changed: keeps the owner it has in its storage"
    assert [container.name for container in app.containers] == ["container"]


def test_memory_has_to_do_where_no_temporary_file_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path, FOLDERS["what is told stands behind"])
    before = _compare(str(tmp_path))

    class Full(Spool):
        def write(self, data: bytes) -> tuple[int, int]:
            if len(data) > 300:
                raise OutputError("no room")
            return super().write(data)

    monkeypatch.setattr(kept_sources, "Spool", Full)
    assert _compare(str(tmp_path)) == before


def test_a_definition_is_read_once(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": DEFINITION, "b.yaml": CLASS % "StorageClass", "c.yaml": POD % 1})
    sources = KeptSources(find_unread((str(tmp_path),)))
    assert [value["kind"] for value in sources.telling()] == ["CustomResourceDefinition", "StorageClass"]
    kinds = [item.value["kind"] for item in sources.items() if isinstance(item, InputObject)]
    assert kinds == ["StorageClass", "Pod"]


def test_a_file_is_taken_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(POD % 1)
    sources = KeptSources(find_unread((str(path),)))
    list(sources.telling())
    path.unlink()
    (item,) = sources.items()
    assert not isinstance(item, UnreadableInput)
