"""Checks a text with custom resources as `check` does, for the tests of several files."""

from podproof.findings import format_route
from podproof.inputs.input import InputFile
from podproof.inputs.objects import read_file
from podproof.results.checked import Checked
from podproof.session.check import check
from podproof.session.config import ProjectConfiguration
from podproof.session.judging.settings import make_judge, make_selection


def check_text(text: str, level: str = "baseline") -> Checked:
    """Check the objects of a text at a level of v1.37."""
    data = text.encode()
    configuration = ProjectConfiguration()
    judge = make_judge(configuration, level=level, kubernetes_version="v1.37")
    inputs = ((item, data) for item in read_file(InputFile("a.yaml", data)))
    return check(inputs, judge, make_selection(configuration))


def errors_of(result: Checked) -> list[tuple[str, str]]:
    """Give the check and the route of each finding that is no advice."""
    return [
        (located.finding.check, format_route(located.finding.route))
        for located in result.findings
        if not located.finding.advice and located.finding.check != "privileged-for-non-root"
    ]
