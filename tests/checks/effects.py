"""What tests of effect checks share: a pod of a few fields comes in, what one check finds in it goes out."""

from typing import Any

from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.effect import EffectCheck, Running
from podproof.checks.model.facts import facts_of
from podproof.effective.image import ImageConfig
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.findings import Finding
from podproof.kube.default_pod import default_pod
from podproof.kube.read_pod import read_exactly
from podproof.manifest.route import format_route
from podproof.session.judging.effects import put_on_node

USER_1000 = ImageConfig(
    user="1000",
    passwd="root:x:0:0::/:\napp:x:1000:1000::/:\n",
    group="root:x:0:\napp:x:1000:\nwheel:x:10:app\n",
)


def own(**context: Any) -> dict[str, Any]:
    """Make a container with a security context of its own."""
    return {"securityContext": context}


def capabilities(*add: str, drop: tuple[str, ...] = (), **context: Any) -> dict[str, Any]:
    """Make a container that adds and drops capabilities."""
    return own(capabilities={"add": list(add), "drop": list(drop)}, **context)


def find(
    check: str,
    container: dict[str, Any] | None = None,
    *,
    metadata: dict[str, Any] | None = None,
    setting: dict[str, Any] | None = None,
    image: ImageConfig | None = None,
    runtime: str = "containerd-2.3.7",
    **spec: Any,
) -> list[Finding]:
    """Give what a check finds in a pod of one container `c`, unless `containers` are given."""
    (asked,) = [each for each in all_checks() if each.id == check]
    assert isinstance(asked, EffectCheck)
    one = {"name": "c", "image": "i", **(container or {})}
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p", **(metadata or {})},
        "spec": {"containers": [one], **spec},
    }
    images = {} if image is None else {"i": image}
    known = Setting(images=images, runtime=parse_runtime(runtime), **(setting or {}))
    running = put_on_node(known, default_pod(read_exactly(pod)))
    found = list(asked.find(running))
    assert not found or is_asked(asked, running), "its facts are wrong: it would not have been asked"
    return found


def is_asked(check: EffectCheck, running: Running) -> bool:
    """Tell whether a check is asked about a pod."""
    return not check.when or bool(check.when & facts_of(running))


def told(findings: list[Finding]) -> list[str]:
    """Write each finding's place and message."""
    return [f"{format_route(finding.route)}: {finding.message}" for finding in findings]


def routes(findings: list[Finding]) -> list[str]:
    """Write each finding's place."""
    return [format_route(finding.route) for finding in findings]
