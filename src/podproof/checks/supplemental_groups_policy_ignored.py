"""A runtime that does not know supplementalGroupsPolicy ignores it without a word.

`Strict` promises that a process has no groups but those of the pod. containerd 1 goes on to merge those that
the image's /etc/group gives the user, `docker` or `disk` among them if the image says so. A kubelet since
1.33 refuses such a pod (`will-not-start`); one of 1.31 or 1.32, where the feature is alpha, does not look.

**Fields:** `spec.securityContext.supplementalGroupsPolicy`. **Values:** `Strict`, where `--feature-gates`
turns the feature on for v1.31 or v1.32 and `--runtime` names a runtime that ignores it, unless the image is
known to add no group. **Source:** kubernetes pkg/kubelet/lifecycle/predicate.go; the groups were recorded on
containerd 1.6.20.
"""

from collections.abc import Iterator

from ..effective.value import known
from ..findings import Finding, Severity
from ._linux import linux_containers
from ._text import plural
from .model.effect import EffectCheck, Running, warn
from .model.facts import SUPPLEMENTAL_GROUPS_POLICY


def _find(running: Running) -> Iterator[Finding]:
    if not running.containers:
        return
    first = running.containers[0]
    context = first.pod_context
    if context.supplemental_groups_policy != "Strict" or first.setting.strict_groups:
        return
    if running.start.reason is not None:
        return  # the node refuses the pod: will-not-start says so
    asked = {*(context.supplemental_groups or ()), context.fs_group}
    added: set[int] = set()
    undecided = False
    for _, effective in linux_containers(running):
        groups = known(effective.groups.value)
        undecided = undecided or groups is None
        added.update(set(groups or ()) - asked - {known(effective.gid.value)})
    if not added and not undecided:
        return
    what = "the groups that it gives the user"
    if added:
        what = f"{plural(len(added), 'group', 'groups')} {', '.join(map(str, sorted(added)))}"
    yield warn(
        CHECK,
        None,
        ("spec", "securityContext", "supplementalGroupsPolicy"),
        f"pod has supplementalGroupsPolicy: Strict, which {first.setting.runtime.name} ignores: the image's "
        f"/etc/group still adds {what}: run it on containerd 2.0 or later, "
        "or take the user out of these groups in the image",
        label="ignored by the runtime",
    )


CHECK = EffectCheck(
    id="supplemental-groups-policy-ignored",
    summary="supplementalGroupsPolicy that the runtime ignores",
    severity=Severity.WARNING,
    find=_find,
    when=SUPPLEMENTAL_GROUPS_POLICY,
)
