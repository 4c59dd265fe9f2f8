"""A real API server takes what `fix` writes wherever it took what stood there, in manifests of real projects.

Each changed object is created as a dry run with strict validation of fields, before and after. A sample of
the files in each run, all of them with the slow tests.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requires
from cluster.api_server import ApiServer, api_server
from test_fixes_of_projects import SHARES, fixed, judge_of, projects

from podproof.inputs.input import InputFile, InputObject
from podproof.inputs.objects import read_file
from podproof.results.fixed import FileFix

pytestmark = requires.needs(requires.shared("corpus/apps.tar.gz"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server"), "--allow-privileged=false") as running:
        yield running


@pytest.mark.parametrize("share", SHARES)
def test_the_server_takes_what_it_took(server: ApiServer, share: float) -> None:
    pairs = [pair for file in fixed(projects(share), judge_of("restricted")).files for pair in changed(file)]
    make_namespaces(server, pairs)
    taken = refused = mended = 0
    for name, before, after in pairs:
        was, now = server.create_dry(before), server.create_dry(after)
        if was is None:
            continue
        taken += now == ""
        refused += now != ""
        mended += was != "" and now == ""
        if was == "":
            assert now == "", name
    assert taken > 300 * share
    assert mended > 10 * share
    assert refused < taken / 5


def changed(file: FileFix) -> Iterator[tuple[str, Any, Any]]:
    """Give the objects of a file that differ, as they were and as they are, with where they stand."""
    sides = [list(read_file(InputFile(file.file, data))) for data in (file.before, file.after)]
    for before, after in zip(*sides, strict=True):
        if isinstance(before, InputObject) and isinstance(after, InputObject) and before.value != after.value:
            yield f"{file.file}:{before.document.line}", before.value, after.value


def make_namespaces(server: ApiServer, pairs: list[tuple[str, Any, Any]]) -> None:
    for name in {after.get("metadata", {}).get("namespace") for _, _, after in pairs} - {None}:
        made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        status, answer = server.ask("POST", "/api/v1/namespaces", made)
        assert status in (201, 409), answer
