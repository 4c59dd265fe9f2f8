"""What `fix` takes for much: the time grows with the objects of a file and the containers of a pod."""

import json
from collections.abc import Callable

import pytest
from cost import LINEAR, growth

from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.options import FixOptions
from podproof.session.fix.pipeline import fix_manifests
from podproof.session.judging.settings import make_judge, make_selection

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n"
CONFIGURATION = ProjectConfiguration()


def containers(count: int) -> str:
    return POD + "".join(f"  - {{name: c{number}, image: i}}\n" for number in range(count))


def documents(count: int) -> str:
    return "---\n".join([containers(1)] * count)


def values_of_json(count: int) -> str:
    spec = {"containers": [{"name": "a", "image": "i"}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return f"{json.dumps(pod)}\n" * count


def items(count: int) -> str:
    pods = values_of_json(count).splitlines()
    return f'{{"apiVersion": "v1", "kind": "List", "items": [{", ".join(pods)}]}}\n'


@pytest.mark.parametrize("make", [containers, documents, items, values_of_json])
def test_the_time_grows_with_the_text(make: Callable[[int], str]) -> None:
    judge, selection = make_judge(CONFIGURATION), make_selection(CONFIGURATION)
    file = "a.json" if make in (items, values_of_json) else "a.yaml"

    def work(count: int) -> object:
        data = make(count).encode()
        inputs = [(item, data) for item in read_file(InputFile(file, data))]
        fixed = fix_manifests(inputs, judge, selection, FixOptions())
        assert sum(len(one.decisions) for file in fixed.files for one in file.objects) >= count
        return fixed

    assert growth(work, 12) < LINEAR
