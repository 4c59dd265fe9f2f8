"""A pod that the API server accepts may still never start.

The kubelet verifies `runAsNonRoot` against the user that the container would get, looks for the profiles
that it names, and refuses sysctls and profiles that the node does not have. The pod then hangs in
`CreateContainerConfigError` or fails outright, and only `kubectl describe` says why. The words are those that
kubectl would show. Only what is known to fail is reported: an image or a node that nothing is known of is not
held against the pod, and `start-undecided` says what is missing.

A pod that the kubelet refuses is Failed for good. One that asks for AppArmor on a node without it is refused
since v1.31; older kubelets leave it Pending, its containers `Blocked`. From v1.36 on, a pod may need a
feature that the node does not declare (`declared_features` in the node file): no scheduler gives it to that
node, and its kubelet refuses it.

With `setHostnameAsFQDN`, host name, subdomain, namespace and the cluster's domain together may have 64
characters. The domain is taken to be cluster.local, as clusters have it unless somebody chose another one.

**Fields:** `runAsNonRoot`, `runAsUser`, `runAsGroup`, `seccompProfile`, `appArmorProfile`, `sysctls`,
`hostUsers` (with volumes on NFS or SMB, which cannot be mapped), `capabilities`, `setHostnameAsFQDN`.

**Source:** kubernetes pkg/kubelet/kuberuntime; recorded statuses of kubelet 1.37.2 with containerd 1.6.20 and
2.3.7.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from ..effective.container_in_pod import POD_CONTEXT, ContainerInPod
from ..effective.image import find_passwd_by_name, parse_image_user
from ..effective.sysctls import dotted
from ..findings import Finding, Route
from ..kubelet.admit import is_allowlisted
from ..kubelet.start_prediction import StartPrediction
from ._start_remedies import remedy_against
from .model.effect import EffectCheck, Running, warn
from .model.facts import UNCERTAIN_START

_HELD_BACK = (
    "it stays Pending with its containers Blocked until the node can enforce AppArmor; "
    "v1.31 and later refuse it"
)
_SHORTER = "shorten hostname (the pod's name if it has none) or subdomain, or remove setHostnameAsFQDN"
_ALLOWED = "a kubelet that has it in --allowed-unsafe-sysctls takes it: --node FILE, unsafe_sysctls, says so"


def _find(running: Running) -> Iterator[Finding]:
    start = running.start
    if start.event is not None:
        event = start.event
        message = f"pod will not start: {start.reason or event.reason}: {event.message}"
        help_lines = _help(running, event.route) or remedy_against(event.message)
        yield warn(CHECK, None, event.route, message, help=help_lines)
        return
    for placed, prediction in zip(running.containers, start.containers, strict=True):
        if prediction.starts is False and prediction.event is not None:
            why = f"{prediction.reason}: {prediction.message}"
            message = f'container "{prediction.name}" will not start: {why}'
            help_lines = _container_help(placed, prediction) or remedy_against(prediction.message)
            finding = warn(CHECK, placed, (), message, help=help_lines)
            # the prediction counts its route from the pod
            yield replace(finding, route=prediction.route)


def _container_help(placed: ContainerInPod, prediction: StartPrediction) -> tuple[str, ...]:
    """Tell what helps where the runtime's or the kubelet's words do not."""
    match prediction.route:
        case (*_, "volumeMounts", int() as index):
            mount = (placed.container.volume_mounts or ())[index]
            return (
                f'volume "{mount.name}" is on NFS or SMB, which has no idmapped mounts: '
                "use a volume on a disk, or remove hostUsers: false",
            )
    image = placed.image
    if "non-numeric user" not in prediction.message or image is None or not image.user:
        return ()
    user = parse_image_user(image.user)
    entry = find_passwd_by_name(image.passwd, user.name) if image.passwd is not None else None
    if entry is None:
        return (f"set runAsUser to the number that the image's /etc/passwd has for {user.name}",)
    if not entry.uid:
        return (f"{user.name} is root in the image's /etc/passwd: set runAsUser to a number other than 0",)
    return (f"set runAsUser: {entry.uid}, which is {user.name} in the image's /etc/passwd",)


def _help(running: Running, route: Route) -> tuple[str, ...]:
    """Tell what helps where the node's words do not, and that a pod held back stays Pending."""
    if route[-1:] == ("setHostnameAsFQDN",):
        return (_SHORTER,)
    if running.start.phase == "Pending" and running.start.reason is not None:
        return (_HELD_BACK,)
    index = route[-1] if route[:-1] == (*POD_CONTEXT, "sysctls") else None
    spec = running.pod.spec
    if not isinstance(index, int) or spec is None or spec.security_context is None or not running.containers:
        return ()
    name = dotted((spec.security_context.sysctls or ())[index].name or "")
    setting = running.containers[0].setting
    return () if is_allowlisted(name, setting.node, setting.version) else (_ALLOWED,)


CHECK = EffectCheck(
    id="will-not-start",
    summary="pods and containers that the node refuses to start",
    find=_find,
    when=UNCERTAIN_START,
)
