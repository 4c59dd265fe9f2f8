"""OpenKruise: workloads with the pod templates of their Kubernetes namesakes, and sets of sidecars.

The containers of a SidecarSet go into pods that are written elsewhere; they are judged in a pod of their own.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource, same_names

_TEMPLATE: Path = ("spec", "template")
_OWN = ("podInjectPolicy", "shareVolumePolicy", "transferEnv", "upgradeStrategy")
"""Fields of SidecarContainer beside those of a container. Source: apps/v1alpha1/sidecarset_types.go, v1.7."""

PROJECT = CustomProject(
    name="OpenKruise",
    source="https://openkruise.io/docs/",
    kinds=(
        CustomKind(
            "apps.kruise.io",
            ("CloneSet", "StatefulSet", "DaemonSet", "BroadcastJob"),
            (PodSource(_TEMPLATE),),
        ),
        CustomKind(
            "apps.kruise.io",
            ("AdvancedCronJob",),
            tuple(
                PodSource((*_TEMPLATE, kind, "spec", "template"))
                for kind in ("jobTemplate", "broadcastJobTemplate")
            ),
        ),
        CustomKind(
            "apps.kruise.io",
            ("UnitedDeployment",),
            tuple(
                PodSource((*_TEMPLATE, f"{kind}Template", "spec", "template"))
                for kind in ("statefulSet", "advancedStatefulSet", "cloneSet", "deployment")
            ),
        ),
        CustomKind(
            "apps.kruise.io",
            ("SidecarSet",),
            (
                PodSource(
                    ("spec",),
                    form="parts",
                    containers=(
                        Containers(("containers",), many=True, own_fields=_OWN),
                        Containers(("initContainers",), many=True, to="initContainers", own_fields=_OWN),
                    ),
                    fields=same_names("imagePullSecrets volumes"),
                    adds_volumes=True,
                ),
            ),
        ),
    ),
)
