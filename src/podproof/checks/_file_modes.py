"""The modes that a pod's volumes name for their files: a spec comes in, volume, route and mode go out."""

from collections.abc import Iterator

from ..findings import Route
from ..kube.pod import DownwardAPIVolumeSource, KeysVolumeSource, PodSpec

_Written = tuple[str, Route, int]


def written_modes(spec: PodSpec) -> Iterator[_Written]:
    """Walk every mode: the volume's name, the mode's route counted from the pod, and its value.

    A defaultMode that nobody wrote has the API server's default, 0644.
    """
    for number, volume in enumerate(spec.volumes or ()):
        route: Route = ("spec", "volumes", number)
        name = volume.name or ""
        if volume.secret is not None:
            yield from _of_source(name, (*route, "secret"), volume.secret)
        if volume.config_map is not None:
            yield from _of_source(name, (*route, "configMap"), volume.config_map)
        if volume.downward_api is not None:
            yield from _of_source(name, (*route, "downwardAPI"), volume.downward_api)
        if volume.projected is not None:
            if volume.projected.default_mode is not None:
                yield name, (*route, "projected", "defaultMode"), volume.projected.default_mode
            for index, source in enumerate(volume.projected.sources or ()):
                inner = (*route, "projected", "sources", index)
                if source.secret is not None:
                    yield from _of_items(name, (*inner, "secret"), source.secret)
                if source.config_map is not None:
                    yield from _of_items(name, (*inner, "configMap"), source.config_map)
                if source.downward_api is not None:
                    yield from _of_items(name, (*inner, "downwardAPI"), source.downward_api)


def _of_source(
    name: str, route: Route, source: KeysVolumeSource | DownwardAPIVolumeSource
) -> Iterator[_Written]:
    if source.default_mode is not None:
        yield name, (*route, "defaultMode"), source.default_mode
    yield from _of_items(name, route, source)


def _of_items(
    name: str, route: Route, source: KeysVolumeSource | DownwardAPIVolumeSource
) -> Iterator[_Written]:
    for index, item in enumerate(source.items or ()):
        if item.mode is not None:
            yield name, (*route, "items", index, "mode"), item.mode
