"""What changes make worse: findings before and after come in, what is found that was not goes out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from ...checks.model.catalogue import pod_security_checks
from ...findings import Finding, Severity
from ...fixes.change import PlannedChange

__all__ = ["find_worse"]


def find_worse(
    before: Sequence[Finding], after: Iterable[Finding], made: Iterable[PlannedChange] = ()
) -> list[Finding]:
    """Give what is found afterwards that was not before: errors and warnings alone.

    A control names those containers first that contradict it, and others once these are mended: of a control
    only more findings than before are new. A refusal of what is written is new if its words are.
    """
    controls = _controls()
    written = {edit.route for change in made for edit in change.edits if edit.operation == "set"}
    said = {finding.message for finding in before}
    known = Counter(_identity(finding, controls) for finding in before)
    new = []
    for finding in after:
        identity = _identity(finding, controls)
        if finding.severity is Severity.NOTE:
            continue
        about_it = (
            finding.severity is Severity.ERROR
            and finding.check not in controls
            and finding.route in written
            and finding.message not in said
        )
        if known[identity] and not about_it:
            known[identity] -= 1
        else:
            new.append(finding)
    return new


def _identity(finding: Finding, controls: frozenset[str]) -> tuple[object, ...]:
    return finding.check, None if finding.check in controls else finding.container


@cache
def _controls() -> frozenset[str]:
    return frozenset(check.id for check in pod_security_checks())
