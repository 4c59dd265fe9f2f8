"""What `fix` does to manifests of real projects: nothing gets worse, no comment goes, twice is once.

A sample of the files in each run, all of them with the slow tests.
"""

import random
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requires

from podproof.checks.model.catalogue import pod_security_checks
from podproof.edits.apply import apply_edits
from podproof.edits.edit import Edit, Fix, based
from podproof.edits.text.apply import TextEditError, edit_text
from podproof.edits.text.same import is_same
from podproof.edits.text.spans import change_text
from podproof.findings import Severity
from podproof.fixes.order import key_order
from podproof.inputs.input import InputFile, InputObject
from podproof.inputs.objects import read_file
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.results.fixed import FileFix, Fixed
from podproof.session.config import ProjectConfiguration
from podproof.session.fix.objects import fix_object
from podproof.session.fix.options import FixOptions
from podproof.session.fix.pipeline import fix_manifests
from podproof.session.judging.judge import Judge
from podproof.session.judging.places import judge_in
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import Input

pytestmark = requires.needs(requires.shared("corpus/apps.tar.gz"))

COMMENT = re.compile(r"(?:(?<=[ \t])|^)#[^\r\n]*", re.MULTILINE)
CONFIGURATION = ProjectConfiguration()
CONTROLS = {check.id for check in pod_security_checks()}
BOM = b"\xef\xbb\xbf"


def judge_of(level: str) -> Judge:
    return make_judge(CONFIGURATION, level=level)


def inputs_of(files: dict[str, bytes]) -> Iterator[Input]:
    for name, data in files.items():
        for item in read_file(InputFile(name, data)):
            yield item, data


def fixed(files: dict[str, bytes], judge: Judge) -> Fixed:
    return fix_manifests(inputs_of(files), judge, make_selection(CONFIGURATION), FixOptions())


def projects(share: float) -> dict[str, bytes]:
    """Give some of the files with workloads, always the same ones."""
    chance = random.Random(15)
    files = {}
    with tarfile.open(requires.SHARED / "corpus" / "apps.tar.gz") as archive:
        for member in archive:
            if not member.name.endswith((".yaml", ".yml", ".json")) or chance.random() > share:
                continue
            content = archive.extractfile(member)
            assert content is not None
            data = content.read()
            if b"ontainers" in data:
                files[member.name] = data
    return files


SHARES = [0.08, pytest.param(1.0, marks=pytest.mark.slow)]


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("level", ["restricted", "baseline"])
def test_files_are_mended(level: str, share: float) -> None:
    judge = judge_of(level)
    files = projects(share)
    first = fixed(files, judge)
    changed = [file for file in first.files if file.before != file.after]
    assert len(changed) > 200 * share * (level == "restricted")
    assert first.mended
    for file in first.files:
        assert "bug" not in file.refused, (file.file, file.refused)
        only_spans_differ(file)
        assert not comments_lost(file), file.file
        assert not worse(file, judge), file.file
        assert not without_reason(file), file.file
        assert not untold(file, judge), file.file
    again = fixed({file.file: file.after for file in changed}, judge)
    assert [file.file for file in again.files if file.before != file.after] == []
    assert again.mended == 0


def text_of(data: bytes) -> str:
    return data.removeprefix(BOM).decode("utf-8", "surrogateescape")


def only_spans_differ(file: FileFix) -> None:
    """Go along both texts: outside of the spans they are equal, and in the spans stands what was to be."""
    before, after = text_of(file.before), text_of(file.after)
    here = there = 0
    for edit in file.edits:
        length = edit.start - here
        assert before[here : edit.start] == after[there : there + length], file.file
        there += length
        assert after[there : there + len(edit.text)] == edit.text, file.file
        here, there = edit.end, there + len(edit.text)
    assert before[here:] == after[there:], file.file


def comments_lost(file: FileFix) -> Counter[str]:
    return Counter(map(str.rstrip, COMMENT.findall(text_of(file.before)))) - Counter(
        map(str.rstrip, COMMENT.findall(text_of(file.after)))
    )


def without_reason(file: FileFix) -> set[int]:
    """Give the edits of a file's text that no decision names."""
    told = {number for one in file.objects for decision in one.decisions for number in decision.edits}
    return set(range(len(file.edits))) - told


def untold(file: FileFix, judge: Judge) -> set[str]:
    """Give the controls that are violated no more, and which no decision says that it mends."""
    before, after = found(file.file, file.before, judge), found(file.file, file.after, judge)
    told = {check for one in file.objects for decision in one.decisions for check in decision.checks}
    return CONTROLS & (before.keys() - after.keys()) - told


def worse(file: FileFix, judge: Judge) -> list[tuple[str, int]]:
    before, after = found(file.file, file.before, judge), found(file.file, file.after, judge)
    return [(check, number) for check, number in after.items() if number > before[check]]


def found(name: str, data: bytes, judge: Judge) -> Counter[str]:
    """Count the errors and warnings of a file by their check."""
    return Counter(
        finding.check
        for item in read_file(InputFile(name, data))
        if isinstance(item, InputObject)
        for finding in judge_in(item.document, item.route_prefix, item.value, judge, lambda _: True).findings
        if finding.severity is not Severity.NOTE
    )


@pytest.mark.parametrize("share", SHARES)
def test_each_fix_alone_and_all_in_any_order(share: float) -> None:
    judge = judge_of("restricted")
    chance = random.Random(15)
    tried = refused = orders = 0
    for name, data in projects(share / 2).items():
        for item in read_file(InputFile(name, data)):
            if not isinstance(item, InputObject):
                continue
            judged = judge_in(item.document, item.route_prefix, item.value, judge, lambda _: True)
            for finding in judged.findings:
                if finding.fix is not None and chance.random() < 0.3:
                    tried += 1
                    refused += edited(item.document, based(finding.fix, item.route_prefix).edits) is None
            fix = fix_object(item.value, judged, judge, FixOptions(), lambda _: True, lambda _: False, None)
            edits = list(based(Fix(fix.edits), item.route_prefix).edits)
            if len(edits) < 2 or any(isinstance(edit.route[-1], int) for edit in edits):
                continue  # items of a list are counted in turn
            text = edited(item.document, edits)
            if text is not None and not conflicts(edits):
                chance.shuffle(edits)
                orders += 1
                assert edited(item.document, edits) == text, name
    assert tried > 400 * share
    assert orders > 100 * share
    assert refused < tried / 100


def conflicts(edits: list[Edit]) -> bool:
    """Tell whether one edit is in the place of another, so that the later one counts."""
    routes = [edit.route for edit in edits]
    return any(
        one[: len(other)] == other for number, one in enumerate(routes) for other in routes[:number]
    ) or any(other[: len(one)] == one for number, one in enumerate(routes) for other in routes[:number])


def edited(document: Document, edits: Any) -> str | None:
    """Make edits in a document's text, see what they have become, and that a second time changes nothing."""
    try:
        changes = edit_text(document, edits, key_order)
    except TextEditError:
        return None
    text = change_text(document.text, changes)
    documents = list(read(document.file, text.encode("utf-8", "surrogateescape")))
    (result,) = (one for one in documents if isinstance(one, Document) and one.index == document.index)
    assert isinstance(document.value, dict)
    assert is_same(result.value, apply_edits(document.value, edits))
    if all(edit.operation == "set" for edit in edits):
        assert edit_text(result, edits, key_order) == ()
    return text
