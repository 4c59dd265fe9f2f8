"""What a PodSecurityPolicy allows, and which Pod Security level it keeps to, field by field.

A policy is hard to read: what is absent may allow nothing (volumes) or anything (runAsGroup). Whoever moves
to namespace labels wants to know which level stands for it, and which fields let more in. A policy that
the API server would refuse is an error, in the server's words.

No field of a policy can limit two things that the levels control: windowsOptions.hostProcess, and the host of
probes and lifecycle hooks. No policy writes the runAsNonRoot that restricted asks for into a pod that names
its user, so each falls short of restricted there.

**Source:** kubernetes 1.24.17 pkg/security/podsecuritypolicy; Pod Security Standards.
"""

from ..findings import Severity
from .model.acceptance import AcceptanceCheck

CHECK = AcceptanceCheck(
    id="pod-security-policy",
    summary="what a PodSecurityPolicy allows, and which level it keeps to",
    severity=Severity.NOTE,
)
