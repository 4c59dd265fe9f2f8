"""Runs the Markdown documents of checks.

A document holds sentences and fenced `yaml` blocks, each a pod. Words after `yaml` say at which level:version
it is judged (default restricted:latest) and `as-written` that it is not defaulted. `# error: [id]` (several
ids, or one several times, with commas) stands on the line where findings start; each must be announced. Words
after it are the label that all of them have there.
Findings of other checks than the document's own (its name) are left out unless announced. A `text` block that
follows a pod holds the exact `reason (detail)` of the document's check.

Checks of what settings really do are announced by `# warning: [id]` or `# note: [id]`, and their `text`
block holds the messages, one a line, each with its help and the related places below it. Words after `yaml`
say where the pod runs: `kubernetes=VERSION`, `runtime=NAME`, `user=TEXT` (the USER of every image, which
otherwise is not known; PASSWD and GROUP hold the images' users), `locked=IMAGE` (one that is known, as by a
lock file), `apparmor=BOOL`, and `profiles=NAME,...`
(the seccomp profiles on the node).

Checks of acceptance, those that compare pods, and those about ignores are given the block as a file, with
whatever documents it holds; the level is then `kubernetes=VERSION`, and `text` holds the messages.
Findings that an ignore accepts are not announced; `today=YYYY-MM-DD` is the day of the run.

All that the findings of a document say stands in a text beside it, see `whole_findings.py`.

A `diff` block comes last and shows what the fixes of the document's check change in the pod, as it is written
but for the announcements. Fixes without a diff are applied and judged too (`document_fixes.py`), and each
kind of fix that occurs in a document must be shown once.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import document_fixes
import pytest
import whole_findings
from msgspec.structs import replace

import podproof.checks
from podproof.checks.model.acceptance import AcceptanceCheck
from podproof.checks.model.across import AcrossCheck
from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.check import Check
from podproof.checks.model.effect import EffectCheck
from podproof.checks.model.ignore import IgnoreCheck
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.runtime import DEFAULT_RUNTIME, parse_runtime
from podproof.effective.setting import Setting
from podproof.findings import Finding, Severity
from podproof.images.catalog import Catalog
from podproof.kube.default_pod import default_pod
from podproof.kube.pod import Pod
from podproof.kube.read_pod import read_exactly
from podproof.kube.versions import parse_version
from podproof.kube.visit import visit_containers
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.manifest.route import format_route
from podproof.policies.pod_security import evaluator
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.effects import put_on_node
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

BLOCK = re.compile(
    r"^```yaml([^\n]*)\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?(?:\s*^```diff\n(.*?)^```$)?",
    re.DOTALL | re.MULTILINE,
)
ANNOUNCED = re.compile(r"# (error|warning|note): \[([^\]]+)\] *(.*)$")
PASSWD = "root:x:0:0::/root:/bin/sh\napp:x:1000:3000::/:/bin/sh\n"
GROUP = "root:x:0:\nwheel:x:10:app\nstaff:x:2000:\napp:x:3000:\n"


def said(finding: Finding) -> list[str]:
    """Write what a finding says, a line for each part."""
    places = (format_route(route) for route in finding.related)
    return [
        finding.message,
        *(f"  help: {text}" for text in finding.help),
        *(f"  see: {at}" for at in places),
    ]


AS_FILES = AcceptanceCheck | AcrossCheck | IgnoreCheck
"""The checks whose blocks are files."""

IGNORED = re.compile(r"ignore\[([a-z, -]+)\]")

Announcement = tuple[int, str, Severity]
"""A line, counted from 1, the id of the check that finds something there, and how grave it is."""


class Case(pytest.Item):
    """One block of a document; `own` is the check that the document is named for."""

    own: Check
    number: int
    """Counts the blocks of a document that have the same sentence above them, from 1."""
    words: list[str]
    manifest: str
    text: str | None
    diff: str | None

    def runtest(self) -> None:
        if isinstance(self.own, AS_FILES):
            self.run_as_file()
        else:
            self.run_as_pod()

    @property
    def announced(self) -> list[Announcement]:
        return sorted(
            (number, name.strip(), Severity(severity))
            for number, line in enumerate(self.manifest.splitlines(), 1)
            for severity, ids, _ in ANNOUNCED.findall(line)
            for name in ids.split(",")
        )

    @property
    def labels(self) -> list[tuple[int, str]]:
        """The lines, counted from 1, that say with which label findings start there, and the label."""
        return [
            (number, label)
            for number, line in enumerate(self.manifest.splitlines(), 1)
            for _, _, label in ANNOUNCED.findall(line)
            if label
        ]

    @property
    def named(self) -> set[str]:
        named = {self.own.id, *(name for _, name, _ in self.announced)}
        if isinstance(self.own, IgnoreCheck):
            ignored = (name.strip() for ids in IGNORED.findall(self.manifest) for name in ids.split(","))
            named |= {check.id for check in all_checks()} & set(ignored)
        return named

    def fact(self, name: str) -> str | None:
        """What a word `name=VALUE` after `yaml` says."""
        return next((word.partition("=")[2] for word in self.words if word.startswith(f"{name}=")), None)

    def run_as_pod(self) -> None:
        (document,) = read("pod.yaml", self.manifest.encode())
        assert isinstance(document, Document)
        assert isinstance(document.value, dict)
        findings, texts = self.judged(document.value)
        places = [(document.place(f.route).line, f.check, f.severity) for f in findings]
        assert sorted(places) == self.announced
        labels = {(document.place(f.route).line, f.label) for f in findings}
        told = {number for number, _ in self.labels}
        assert sorted(row for row in labels if row[0] in told) == self.labels
        if self.text is not None:
            assert "\n".join(texts) == self.text.rstrip("\n")
        if self.diff is not None or any(f.fix is not None for f in self.find(document.value)):
            document_fixes.verify(self.manifest, self.find, self.diff)
        self.compare_whole(findings)

    def compare_whole(self, findings: list[Finding]) -> None:
        own = [finding for finding in findings if finding.check == self.own.id]
        whole_findings.compare(self.path, self.section, own)

    @property
    def section(self) -> str:
        """The block's heading in the text of whole findings."""
        return self.name if self.number == 1 else f"{self.name} ({self.number})"

    def judged(self, value: dict[str, Any]) -> tuple[list[Finding], list[str]]:
        """Judge a pod by the checks that are announced, and give what the document's own says."""
        level = next((word for word in self.words if ":" in word and "=" not in word), "restricted:latest")
        pod = read_exactly(value)
        pod = pod if "as-written" in self.words else default_pod(pod)
        verdict = evaluator(level).evaluate(pod)
        effects = list(self.effects(pod))
        texts = [
            f"{violation.reason} ({violation.detail})" if violation.detail else violation.reason
            for control, violation in verdict.violations
            if control.id == self.own.id
        ] + [line for f in effects if f.check == self.own.id for line in said(f)]
        return [*(f for f in verdict.findings if f.check in self.named), *effects], texts

    def find(self, value: dict[str, Any]) -> list[Finding]:
        return [finding for finding in self.judged(value)[0] if finding.check == self.own.id]

    def effects(self, pod: Pod) -> Iterator[Finding]:
        checks = [c for c in all_checks() if isinstance(c, EffectCheck) and c.id in self.named]
        if not checks:
            return
        user, apparmor = self.fact("user"), self.fact("apparmor")
        profiles = self.fact("profiles")
        image = None if user is None else ImageConfig(user=user, passwd=PASSWD, group=GROUP)
        images: dict[str, ImageConfig] = {}
        if image:
            images = {c.image or "": image for _, c, _ in visit_containers(pod.spec)}
        if locked := self.fact("locked"):
            images[locked] = ImageConfig()
        setting = Setting(
            images=Catalog(images),
            runtime=parse_runtime(self.fact("runtime") or DEFAULT_RUNTIME),
            version=parse_version(self.fact("kubernetes") or "latest"),
            node=Node(
                apparmor=None if apparmor is None else apparmor == "true",
                seccomp_profiles=None if profiles is None else tuple(filter(None, profiles.split(","))),
            ),
        )
        seen = put_on_node(setting, pod)
        for one in checks:
            yield from one.find(seen)

    def run_as_file(self) -> None:
        settings = ProjectConfiguration()
        judge = make_judge(settings, kubernetes_version=self.fact("kubernetes") or "latest")
        with TemporaryDirectory() as folder:
            path = Path(folder) / "pod.yaml"
            path.write_text(self.manifest, encoding="utf-8")
            selection = make_selection(settings, select=sorted(self.named), today=self.fact("today") or "")
            result = check(collect([str(path)]), judge, selection)
        counting = [f for f in result.findings if f.suppression is None]
        places = [(f.place.line, f.finding.check, f.finding.severity) for f in counting]
        assert sorted(places) == self.announced
        told = {number for number, _ in self.labels}
        labels = {(f.place.line, f.finding.label) for f in result.findings}
        assert sorted(row for row in labels if row[0] in told) == self.labels
        if self.text is not None:
            own = [f.finding for f in result.findings if f.finding.check == self.own.id]
            messages = [
                line
                for f in own
                for line in ([f.whole_message] if isinstance(self.own, AcceptanceCheck) else said(f))
            ]
            assert "\n".join(messages).replace(str(path), "pod.yaml") == self.text.rstrip("\n")
        self.compare_whole([_without_path(f.finding, str(path)) for f in result.findings])
        own = [f.finding for f in result.findings if f.finding.check == self.own.id]
        assert all(finding.fix is None for finding in own), "apply the fixes of such checks, too"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return f"{self.path.name}: {self.name}\n{self.manifest}\n{excinfo.exconly()}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


def _without_path(finding: Finding, path: str) -> Finding:
    return replace(finding, message=finding.message.replace(path, "pod.yaml"))


class EveryFixIsShown(pytest.Item):
    """Compares the kinds of fixes that a document's pods have with those that its diffs show."""

    cases: list[Case]

    def runtest(self) -> None:
        made, shown = set(), set()
        for case in self.cases:
            value = document_fixes.parsed(case.manifest)
            kinds = document_fixes.mended(value, case.find)[1]
            made |= kinds
            shown |= kinds if case.diff is not None else set()
        module = Path(podproof.checks.__file__).parent / self.path.with_suffix(".py").name
        assert made or not document_fixes.can_fix(module), f"{module.name} makes fixes, but no pod has one"
        assert shown == made, f"write a pod with a diff block that shows {sorted(made - shown)}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


class Page(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        text = self.path.read_text(encoding="utf-8")
        own = {check.id: check for check in all_checks()}.get(self.path.stem.replace("_", "-"))
        assert own is not None, f"{self.path.name} is named for no check"
        cases = []
        for match in BLOCK.finditer(text):
            above = [p.strip() for p in text[: match.start()].split("\n\n") if p.strip()]
            case: Case = Case.from_parent(self, name=above[-1].replace("\n", " ") if above else "pod")
            case.own, case.words = own, match[1].split()
            case.number = 1 + sum(other.name == case.name for other in cases)
            case.manifest, case.text, case.diff = match[2], match[3], match[4]
            cases.append(case)
        assert text.count("\n```diff\n") == sum(case.diff is not None for case in cases), (
            "a diff is misplaced"
        )
        strays = whole_findings.strays(self.path, [case.section for case in cases])
        assert not strays, (
            f"no pod has these findings; remove findings/{self.path.stem}.txt, and write it again: {strays}"
        )
        yield from cases
        if not isinstance(own, AS_FILES):
            shown: EveryFixIsShown = EveryFixIsShown.from_parent(self, name="every kind of fix is shown")
            shown.cases = cases
            yield shown
