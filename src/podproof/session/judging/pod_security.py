"""Says what a pod meets: the verdict of a level comes in, the value that is reported of it goes out."""

from ...kube.pod import Pod
from ...policies.levels import Level
from ...policies.pod_security import Evaluator, Verdict
from ...results.checked import LackedControls, PodSecurity

__all__ = ["make_pod_security"]


def make_pod_security(standards: Evaluator, pod: Pod, verdict: Verdict) -> PodSecurity:
    """Report a verdict of `standards`, and how far the pod is from them."""
    asked = standards.asked
    baseline, restricted = standards.lacking(pod, verdict)
    below: Level = "privileged" if baseline else "baseline"
    return PodSecurity(
        asked.level,
        asked.version,
        verdict.allowed,
        verdict.reason,
        verdict.detail,
        meets=asked.level if verdict.allowed else below,
        lacking=LackedControls(baseline, restricted),
    )
