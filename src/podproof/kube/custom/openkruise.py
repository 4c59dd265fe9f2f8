"""OpenKruise: workloads with the pod templates of their Kubernetes namesakes, and containers for other pods.

The containers of a SidecarSet and an EphemeralJob go into pods that are written elsewhere; they are judged in
a pod of their own. Patches of a UnitedDeployment's subsets and of a WorkloadSpread change pods.
"""

from ..custom_kind import Containers, CustomKind, CustomProject, Path, PodSource, same_names

_TEMPLATE: Path = ("spec", "template")
_CLAIMS = "volumeClaimTemplates"
_PATCHES: tuple[tuple[Path, str], ...] = (
    (("spec", "topology", "subsets", "*", "patch"), "a patch changes pods when they are made"),
    (("spec", "subsets", "*", "patch"), "a patch changes pods when they are made"),
)
_OWN = (
    "podInjectPolicy", "resourcesPolicy", "shareVolumeDevicePolicy", "shareVolumePolicy", "transferEnv",
    "upgradeStrategy",
)  # fmt: skip
"""Fields of SidecarContainer beside those of a container. Source: apps/v1alpha1/sidecarset_types.go, v1.7."""

PROJECT = CustomProject(
    name="OpenKruise",
    source="https://openkruise.io/docs/",
    kinds=(
        CustomKind(
            "apps.kruise.io",
            ("CloneSet", "StatefulSet", "DaemonSet", "BroadcastJob"),
            (PodSource(_TEMPLATE, claims=("spec", _CLAIMS)),),
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
                PodSource(
                    (*_TEMPLATE, f"{kind}Template", "spec", "template"),
                    claims=(*_TEMPLATE, f"{kind}Template", "spec", _CLAIMS),
                )
                for kind in ("statefulSet", "advancedStatefulSet", "cloneSet", "deployment")
            ),
            opaque=_PATCHES,
        ),
        CustomKind("apps.kruise.io", ("WorkloadSpread",), opaque=_PATCHES),
        CustomKind(
            "apps.kruise.io",
            ("EphemeralJob",),
            (
                PodSource(
                    _TEMPLATE,
                    form="parts",
                    containers=(
                        Containers(("ephemeralContainers",), many=True, own_fields=("targetContainerName",)),
                    ),
                    adds_volumes=True,
                ),
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
