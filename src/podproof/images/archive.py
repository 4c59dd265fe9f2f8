"""Images in archives: an OCI layout (folder or tar) or a `docker save` archive in, their facts out."""

from pathlib import Path
from typing import Any

import msgspec

from ..effective.image import ImageConfig
from .errors import ImageError
from .layers import Layer, UnsupportedLayer, read_files
from .store import Store, blob_path, open_store, read_blob, read_small

__all__ = ["DEFAULT_PLATFORM", "ArchivedImage", "OtherPlatform", "image_of_descriptor", "read_archive"]

DEFAULT_PLATFORM = "linux/amd64"

_FILES = ("/etc/passwd", "/etc/group")
_MAX_NESTING = 4
"""Indexes inside indexes; real ones nest once."""


class ArchivedImage(msgspec.Struct, frozen=True):
    """One image of an archive. `references` are its names there; `notes` say what is unknown."""

    references: tuple[str, ...]
    config: ImageConfig
    notes: tuple[str, ...] = ()


class OtherPlatform(ImageError):
    """Says that an archive has images for other platforms only; `platforms` are these, () for none at all."""

    def __init__(self, where: str, platforms: tuple[str, ...], wanted: str) -> None:
        super().__init__(f"{where}: has {', '.join(platforms) or 'no image'}, wanted {wanted}")
        self.platforms = platforms


def read_archive(path: str | Path, *, platform: str = DEFAULT_PLATFORM) -> tuple[ArchivedImage, ...]:
    """Read every image of an archive for one platform (`os/architecture`).

    Raises ImageError: the path is not an archive, something in it is corrupt or does not have the digest that
    it should have, or it has images for other platforms only.
    """
    with open_store(Path(path)) as store:
        # newer `docker save` archives are both; the layout carries the digests
        if store.exists("index.json"):
            return _read_layout(store, platform)
        if store.exists("manifest.json"):
            return _read_docker(store, platform)
        raise ImageError(f"{store.where}: is not an image: it has neither index.json nor manifest.json")


def _json(data: bytes, what: str) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ImageError(f"{what} is not JSON: {error}") from error


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ImageError(f"{what} must be a mapping")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise ImageError(f"{what} must be a list")
    return value


def _digest(descriptor: Any, what: str) -> str:
    digest = _mapping(descriptor, what).get("digest")
    if not isinstance(digest, str):
        raise ImageError(f"{what} must have a digest")
    return digest


def _read_layout(store: Store, platform: str) -> tuple[ArchivedImage, ...]:
    where = store.where
    index = _mapping(_json(read_small(store, "index.json"), f"{where}: index.json"), f"{where}: index.json")
    tags = _docker_tags(store)
    images: dict[str, tuple[ArchivedImage, list[str]]] = {}
    others: list[str] = []
    for descriptor in _list(index.get("manifests"), f"{where}: index.json: manifests"):
        names = _names(_mapping(descriptor, f"{where}: index.json: manifest"))
        image = image_of_descriptor(store, descriptor, platform, others)
        if image is not None:
            key = image.config.digest or ""
            images.setdefault(key, (image, []))[1].extend(names)
    if not images:
        raise OtherPlatform(where, tuple(dict.fromkeys(others)), platform)
    if len(images) == 1 and tags:
        next(iter(images.values()))[1].extend(tags)
    return tuple(
        ArchivedImage(tuple(dict.fromkeys(names)), image.config, image.notes)
        for image, names in images.values()
    )


def _docker_tags(store: Store) -> list[str]:
    if not store.exists("manifest.json"):
        return []
    what = f"{store.where}: manifest.json"
    entries = _list(_json(read_small(store, "manifest.json"), what), what)
    return [tag for entry in entries for tag in _list(_mapping(entry, what).get("RepoTags"), what)]


def _names(descriptor: dict[str, Any]) -> list[str]:
    annotations = descriptor.get("annotations")
    if not isinstance(annotations, dict):
        return []
    keys = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
    names = [annotations[key] for key in keys if isinstance(annotations.get(key), str)]
    # containerd writes the bare tag beside the whole name
    return names[:1]


def image_of_descriptor(
    store: Store, descriptor: Any, platform: str, others: list[str], depth: int = 0
) -> ArchivedImage | None:
    """Read the image of a manifest's or an index's descriptor; None when it is for other platforms only.

    These are appended to `others`; `depth` counts indexes inside indexes. ImageError as `read_archive`.
    """
    what = f"{store.where}: descriptor"
    digest = _digest(descriptor, what)
    declared = descriptor.get("platform")
    if isinstance(declared, dict):
        named = f"{declared.get('os')}/{declared.get('architecture')}"
        if named != platform:
            others.append(named)
            return None
    document = _mapping(
        _json(read_blob(store, digest), f"{store.where}: {digest}"), f"{store.where}: {digest}"
    )
    if isinstance(document.get("manifests"), list):
        if depth >= _MAX_NESTING:
            raise ImageError(f"{store.where}: indexes are nested deeper than {_MAX_NESTING}")
        for child in document["manifests"]:
            image = image_of_descriptor(store, child, platform, others, depth + 1)
            if image is not None:
                return image
        return None
    return _from_manifest(store, document, digest, platform, others)


def _from_manifest(
    store: Store, manifest: dict[str, Any], digest: str, platform: str, others: list[str]
) -> ArchivedImage | None:
    where = store.where
    config_digest = _digest(manifest.get("config"), f"{where}: {digest}: config")
    what = f"{where}: {config_digest}"
    config = _mapping(_json(read_blob(store, config_digest), what), what)
    if not _is_for(config, platform, others):
        return None
    diff_ids = _diff_ids(config, what)
    layers: list[Layer] = []
    descriptors = _list(manifest.get("layers"), f"{where}: {digest}: layers")
    if len(diff_ids) != len(descriptors):
        raise ImageError(
            f"{where}: {digest} has {len(descriptors)} layers, its configuration {len(diff_ids)}"
        )
    for descriptor, diff_id in zip(descriptors, diff_ids, strict=True):
        layer = _digest(descriptor, f"{where}: {digest}: layer")
        layers.append(Layer(layer, _opener(store, blob_path(layer, where)), layer, diff_id))
    return _image((), config, tuple(layers), digest, store)


def _opener(store: Store, name: str) -> Any:
    return lambda: store.open(name)


def _is_for(config: dict[str, Any], platform: str, others: list[str]) -> bool:
    named = f"{config.get('os')}/{config.get('architecture')}"
    if named == platform:
        return True
    others.append(named)
    return False


def _diff_ids(config: dict[str, Any], what: str) -> list[str]:
    rootfs = config.get("rootfs")
    return _list(rootfs.get("diff_ids") if isinstance(rootfs, dict) else None, f"{what}: rootfs.diff_ids")


def _read_docker(store: Store, platform: str) -> tuple[ArchivedImage, ...]:
    where = store.where
    what = f"{where}: manifest.json"
    images: list[ArchivedImage] = []
    others: list[str] = []
    for entry in _list(_json(read_small(store, "manifest.json"), what), what):
        entry = _mapping(entry, what)
        name = entry.get("Config")
        if not isinstance(name, str):
            raise ImageError(f"{what}: Config must be a file name")
        config = _mapping(_json(read_small(store, name), f"{where}: {name}"), f"{where}: {name}")
        if not _is_for(config, platform, others):
            continue
        files = _list(entry.get("Layers"), f"{what}: Layers")
        diff_ids = _diff_ids(config, f"{where}: {name}")
        if len(files) != len(diff_ids):
            raise ImageError(f"{where}: {name} has {len(diff_ids)} layers, manifest.json {len(files)}")
        layers = tuple(
            Layer(str(file), _opener(store, str(file)), None, diff_id)
            for file, diff_id in zip(files, diff_ids, strict=True)
        )
        tags = tuple(str(tag) for tag in _list(entry.get("RepoTags"), f"{what}: RepoTags"))
        images.append(_image(tags, config, layers, None, store))
    if not images:
        raise OtherPlatform(where, tuple(dict.fromkeys(others)), platform)
    return tuple(images)


def _image(
    references: tuple[str, ...],
    config: dict[str, Any],
    layers: tuple[Layer, ...],
    digest: str | None,
    store: Store,
) -> ArchivedImage:
    inner = config.get("config")
    settings = inner if isinstance(inner, dict) else {}
    notes: tuple[str, ...] = ()
    passwd: str | None
    group: str | None
    try:
        passwd, group = read_files(layers, _FILES, store.where)
    except UnsupportedLayer as error:
        passwd = group = None
        notes = (f"{error}: /etc/passwd and /etc/group are unknown",)
    return ArchivedImage(
        references,
        ImageConfig(
            user=_text(settings, "User", store),
            passwd=passwd,
            group=group,
            entrypoint=_string_list(settings, "Entrypoint", store),
            command=_string_list(settings, "Cmd", store),
            working_directory=_text(settings, "WorkingDir", store),
            digest=digest,
        ),
        notes,
    )


def _text(settings: dict[str, Any], key: str, store: Store) -> str:
    value = settings.get(key)
    if value is not None and not isinstance(value, str):
        raise ImageError(f"{store.where}: the configuration's {key} must be a string, has {value!r}")
    return value or ""


def _string_list(settings: dict[str, Any], key: str, store: Store) -> tuple[str, ...]:
    words = _list(settings.get(key), f"{store.where}: the configuration's {key}")
    if not all(isinstance(word, str) for word in words):
        raise ImageError(f"{store.where}: the configuration's {key} must be a list of strings")
    return tuple(words)
