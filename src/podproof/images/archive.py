"""Images in archives: an OCI layout (folder or tar) or a `docker save` archive in, their facts out."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from ..effective.image import ImageConfig
from .documents import list_of, mapping_of, parse_json
from .errors import ImageError
from .image_tree import PathNode
from .known_layers import KnownLayers
from .layers import Layer, LayerReader
from .limits import MAX_IMAGE_BYTES, MAX_IMAGES, quoted
from .store import Store, blob_path, open_store, read_blob, read_small

__all__ = ["DEFAULT_PLATFORM", "ArchivedImage", "ImageReader", "OtherPlatform", "platform_of", "read_archive"]

DEFAULT_PLATFORM = "linux/amd64"

_FILES = ("/etc/passwd", "/etc/group")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where runtimes look when the image does not say. Source: containerd pkg/oci, defaultUnixEnv."""

_TMP = "/tmp"
_MAX_FOLDERS = 64
_MAX_NESTING = 4
"""Indexes inside indexes; real ones nest once."""


class ArchivedImage(msgspec.Struct, frozen=True):
    """One image of an archive. `references` are its names there; `notes` say what is unknown.

    `id`: the digest of its configuration. `size`: bytes that it unpacks to, an upper bound where a layer is
    compressed with zstd; `added`: those of them that no earlier image of the archive has in the same layers.
    """

    references: tuple[str, ...]
    config: ImageConfig
    notes: tuple[str, ...] = ()
    id: str = ""
    size: int = 0
    added: int = 0


class OtherPlatform(ImageError):
    """Says that an archive has images for other platforms only; `platforms` are these, () for none at all."""

    def __init__(self, where: str, platforms: tuple[str, ...], wanted: str) -> None:
        super().__init__(f"{where}: has {', '.join(platforms) or 'no image'}, wanted {wanted}")
        self.platforms = platforms


def read_archive(
    path: str | Path, *, platform: str = DEFAULT_PLATFORM, limit: int = MAX_IMAGE_BYTES
) -> tuple[ArchivedImage, ...]:
    """Read every image of an archive for one platform (`os/architecture`).

    Raises ImageError: the path is not an archive, something in it is corrupt or does not have the digest that
    it should have, an image unpacks to more than `limit` bytes, the archive costs more to read than any real
    one, or it has images for other platforms only.
    """
    with open_store(Path(path), limit) as store:
        reader = ImageReader(store, platform)
        # newer `docker save` archives are both; the layout carries the digests
        if store.exists("index.json"):
            return _read_layout(reader)
        if store.exists("manifest.json"):
            return _read_docker(reader)
        raise ImageError(f"{store.where}: is not an image: it has neither index.json nor manifest.json")


def _digest(descriptor: Any, what: str) -> str:
    digest = mapping_of(descriptor, what).get("digest")
    if not isinstance(digest, str):
        raise ImageError(f"{what} must have a digest")
    return digest


def _read_layout(reader: "ImageReader") -> tuple[ArchivedImage, ...]:
    store, where = reader.store, reader.store.where
    index = mapping_of(
        parse_json(read_small(store, "index.json"), f"{where}: index.json"), f"{where}: index.json"
    )
    tags = _docker_tags(store)
    images: dict[str, tuple[ArchivedImage, list[str]]] = {}
    for descriptor in list_of(index.get("manifests"), f"{where}: index.json: manifests"):
        names = _names(mapping_of(descriptor, f"{where}: index.json: manifest"))
        image = reader.of_descriptor(descriptor)
        if image is not None:
            key = image.config.digest or ""
            images.setdefault(key, (image, []))[1].extend(names)
    if not images:
        raise OtherPlatform(where, reader.other_platforms, reader.platform)
    if len(images) == 1 and tags:
        next(iter(images.values()))[1].extend(tags)
    return tuple(
        msgspec.structs.replace(image, references=tuple(dict.fromkeys(names)))
        for image, names in images.values()
    )


def _docker_tags(store: Store) -> list[str]:
    if not store.exists("manifest.json"):
        return []
    what = f"{store.where}: manifest.json"
    entries = list_of(parse_json(read_small(store, "manifest.json"), what), what)
    return [str(tag) for entry in entries for tag in list_of(mapping_of(entry, what).get("RepoTags"), what)]


def _names(descriptor: dict[str, Any]) -> list[str]:
    annotations = descriptor.get("annotations")
    if not isinstance(annotations, dict):
        return []
    keys = ("io.containerd.image.name", "org.opencontainers.image.ref.name")
    names = [annotations[key] for key in keys if isinstance(annotations.get(key), str)]
    # containerd writes the bare tag beside the whole name
    return names[:1]


class ImageReader:
    """Reads the images of one store for one platform; what was read of a digest is not read again."""

    def __init__(self, store: Store, platform: str, layers: KnownLayers | None = None) -> None:
        self.store, self.platform = store, platform
        self._layers = LayerReader(store.meter, layers)
        self._known: dict[str, ArchivedImage | None] = {}
        self._others: dict[str, None] = {}
        self._images = 0

    @property
    def other_platforms(self) -> tuple[str, ...]:
        """Name the platforms of the images that were passed over."""
        return tuple(self._others)

    def of_descriptor(self, descriptor: Any, depth: int = 0) -> ArchivedImage | None:
        """Read the image of a manifest's or an index's descriptor; None when it is for other platforms only.

        `depth` counts indexes inside indexes. Raises ImageError as `read_archive`.
        """
        self.store.meter.step()
        digest = _digest(descriptor, f"{self.store.where}: descriptor")
        declared = descriptor.get("platform")
        if isinstance(declared, dict):
            named = platform_of(declared)
            if named != self.platform:
                self._others[named] = None
                return None
        if digest not in self._known:
            self._known[digest] = self._of_digest(digest, depth)
        return self._known[digest]

    def _of_digest(self, digest: str, depth: int) -> ArchivedImage | None:
        what = f"{self.store.where}: {digest}"
        document = mapping_of(parse_json(read_blob(self.store, digest), what), what)
        children = document.get("manifests")
        if not isinstance(children, list):
            return self._of_manifest(document, digest)
        if depth >= _MAX_NESTING:
            raise ImageError(f"{self.store.where}: indexes are nested deeper than {_MAX_NESTING}")
        for child in children:
            image = self.of_descriptor(child, depth + 1)
            if image is not None:
                return image
        return None

    def _of_manifest(self, manifest: dict[str, Any], digest: str) -> ArchivedImage | None:
        where = self.store.where
        id = _digest(manifest.get("config"), f"{where}: {digest}: config")
        what = f"{where}: {id}"
        config = mapping_of(parse_json(read_blob(self.store, id), what), what)
        if not self.is_for(config):
            return None
        diff_ids = _diff_ids(config, what)
        layers: list[Layer] = []
        descriptors = list_of(manifest.get("layers"), f"{where}: {digest}: layers")
        if len(diff_ids) != len(descriptors):
            raise ImageError(
                f"{where}: {digest} has {len(descriptors)} layers, its configuration {len(diff_ids)}"
            )
        for descriptor, diff_id in zip(descriptors, diff_ids, strict=True):
            layer = _digest(descriptor, f"{where}: {digest}: layer")
            layers.append(Layer(layer, _opener(self.store, blob_path(layer, where)), layer, diff_id))
        return self.image((), config, tuple(layers), digest, id)

    def is_for(self, config: dict[str, Any]) -> bool:
        """Tell whether a configuration is for the wanted platform; another one is remembered."""
        named = platform_of(config)
        if named != self.platform:
            self._others[named] = None
        return named == self.platform

    def image(
        self,
        references: tuple[str, ...],
        config: dict[str, Any],
        layers: tuple[Layer, ...],
        digest: str | None,
        id: str,
    ) -> ArchivedImage:
        """Put an image together. Raises ImageError as `read_archive`."""
        self._images += 1
        if self._images > MAX_IMAGES:
            raise ImageError(f"{self.store.where}: has more than {MAX_IMAGES} images")
        inner = config.get("config")
        settings = inner if isinstance(inner, dict) else {}
        entrypoint = _string_list(settings, "Entrypoint", self.store)
        command = _string_list(settings, "Cmd", self.store)
        directory = _text(settings, "WorkingDir", self.store)
        search = _search_path(_string_list(settings, "Env", self.store))
        volumes = _keys(settings, "Volumes", self.store)
        made = self._layers.assemble(
            layers,
            _FILES,
            _program_paths((*entrypoint, *command)[:1], search, directory),
            tuple(dict.fromkeys((*volumes, _TMP)))[:_MAX_FOLDERS],
        )
        passwd, group = made.texts or (None, None)
        # where no layer has the program, the image has no such privileges either
        program = made.program or (PathNode("file") if made.texts is not None else None)
        return ArchivedImage(
            references,
            ImageConfig(
                user=_text(settings, "User", self.store),
                passwd=passwd,
                group=group,
                entrypoint=entrypoint,
                command=command,
                working_directory=directory,
                digest=digest,
                volumes=volumes,
                exposed_ports=_keys(settings, "ExposedPorts", self.store),
                set_id=program.set_id if program is not None else None,
                file_capabilities=program.capabilities if program is not None else None,
                nonempty=made.nonempty if len(volumes) < _MAX_FOLDERS else None,
            ),
            (f"{made.unknown}: /etc/passwd and /etc/group are unknown",) if made.unknown else (),
            id,
            made.size,
            made.added,
        )


def platform_of(of: dict[str, Any]) -> str:
    """Name the platform of a configuration or a descriptor: `linux/amd64`."""
    named = f"{of.get('os')}/{of.get('architecture')}"
    return named if len(named) < 100 and named.isprintable() else quoted(named)


def _opener(store: Store, name: str) -> Any:
    return lambda: store.open(name)


def _diff_ids(config: dict[str, Any], what: str) -> list[str]:
    rootfs = config.get("rootfs")
    found = list_of(rootfs.get("diff_ids") if isinstance(rootfs, dict) else None, f"{what}: rootfs.diff_ids")
    return [str(diff_id) for diff_id in found]


def _read_docker(reader: ImageReader) -> tuple[ArchivedImage, ...]:
    store, where = reader.store, reader.store.where
    what = f"{where}: manifest.json"
    images: list[ArchivedImage] = []
    for entry in list_of(parse_json(read_small(store, "manifest.json"), what), what):
        entry = mapping_of(entry, what)
        name = entry.get("Config")
        if not isinstance(name, str):
            raise ImageError(f"{what}: Config must be a file name")
        data = read_small(store, name)
        named = f"{where}: {quoted(name)}"
        config = mapping_of(parse_json(data, named), named)
        if not reader.is_for(config):
            continue
        files = list_of(entry.get("Layers"), f"{what}: Layers")
        diff_ids = _diff_ids(config, named)
        if len(files) != len(diff_ids):
            raise ImageError(f"{named} has {len(diff_ids)} layers, manifest.json {len(files)}")
        layers = tuple(
            Layer(str(file), _opener(store, str(file)), None, diff_id)
            for file, diff_id in zip(files, diff_ids, strict=True)
        )
        tags = tuple(str(tag) for tag in list_of(entry.get("RepoTags"), f"{what}: RepoTags"))
        images.append(reader.image(tags, config, layers, None, f"sha256:{hashlib.sha256(data).hexdigest()}"))
    if not images:
        raise OtherPlatform(where, reader.other_platforms, reader.platform)
    return tuple(images)


def _text(settings: dict[str, Any], key: str, store: Store) -> str:
    value = settings.get(key)
    if value is not None and not isinstance(value, str):
        raise ImageError(f"{store.where}: the configuration's {key} must be a string, has {value!r}")
    return value or ""


def _string_list(settings: dict[str, Any], key: str, store: Store) -> tuple[str, ...]:
    words = list_of(settings.get(key), f"{store.where}: the configuration's {key}")
    if not all(isinstance(word, str) for word in words):
        raise ImageError(f"{store.where}: the configuration's {key} must be a list of strings")
    return tuple(words)


def _keys(settings: dict[str, Any], key: str, store: Store) -> tuple[str, ...]:
    value = settings.get(key)
    if value is None:
        return ()
    return tuple(sorted(mapping_of(value, f"{store.where}: the configuration's {key}")))


def _search_path(environment: tuple[str, ...]) -> str:
    named = [text.removeprefix("PATH=") for text in environment if text.startswith("PATH=")]
    return named[-1] if named else _DEFAULT_PATH


def _program_paths(words: tuple[str, ...], search: str, directory: str) -> tuple[str, ...]:
    """List where a runtime looks for the program of an image, in its order."""
    if not words or not words[0]:
        return ()
    name = words[0]
    if "/" in name:
        return (name if name.startswith("/") else f"{directory}/{name}",)
    return tuple(f"{folder}/{name}" for folder in search.split(":") if folder.startswith("/"))[:_MAX_FOLDERS]
