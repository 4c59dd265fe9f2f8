"""Archives that are made to exhaust whoever reads them; each function gives the bytes of one."""

import bz2
import gzip
import io
import json
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable

from image_builder import Entries, digest, docker_files, layer, layout_files

NAME = "docker.io/library/web:1"
SMALL = layer({"etc/passwd": b"root:x:0:0::/:\n"})


def header(
    name: bytes = b"x", *, size: bytes | int = 0, kind: bytes = b"0", target: bytes = b"", tail: bytes = b""
) -> bytes:
    """A ustar header with a right checksum; `size` as bytes is written as it is, `tail` from byte 257 on."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    block = struct.pack(
        "100s8s8s8s12s12s8s1s100s255s",
        name,
        b"0000644",
        b"0",
        b"0",
        field,
        b"0",
        b" " * 8,
        kind,
        target,
        tail,
    )
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def base_256(value: int) -> bytes:
    return (
        (value + (0x80 << 88)).to_bytes(12, "big") if value >= 0 else (value + (1 << 96)).to_bytes(12, "big")
    )


def padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


def pax(**records: str) -> bytes:
    data = b""
    for key, value in records.items():
        record = f" {key.replace('_', '.')}={value}\n".encode()
        length = len(record) + 1
        while len(str(length)) + len(record) != length:
            length = len(str(length)) + len(record)
        data += str(length).encode() + record
    return header(b"./PaxHeaders/x", size=len(data), kind=b"x") + padded(data)


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def image(*layers: bytes, compress: bool = True) -> bytes:
    return archive(layout_files(NAME, list(layers), compress=compress))


def zeros(pieces: int) -> bytes:
    """A gzip file of so many MiB of zeros, a stream for each."""
    return gzip.compress(bytes(2**20)) * pieces


def with_blob(blob: bytes, plain: str = f"sha256:{'0' * 64}") -> bytes:
    """An image whose only layer is this blob, whatever it holds."""
    own = json.dumps(
        {"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [plain]}, "config": {}}
    ).encode()
    manifest = json.dumps({"config": {"digest": digest(own)}, "layers": [{"digest": digest(blob)}]}).encode()
    index = json.dumps({"manifests": [{"digest": digest(manifest)}]}).encode()
    blobs = {f"blobs/sha256/{digest(data)[7:]}": data for data in (own, manifest, blob)}
    return archive({"index.json": index, **blobs})


def nested_indexes(width: int, depth: int) -> bytes:
    """Each index lists the next one `width` times: width ** depth descriptors."""
    blobs = {}
    document = json.dumps({"manifests": []}).encode()
    for _ in range(depth):
        blobs[f"blobs/sha256/{digest(document)[7:]}"] = document
        document = json.dumps({"manifests": [{"digest": digest(document)}] * width}).encode()
    return archive({"index.json": document, **blobs})


def one_layer_many_times(layers: int, images: int) -> bytes:
    blob = layer({f"f{number}": b"" for number in range(1000)})
    name = digest(blob)
    blobs, listed = {f"blobs/sha256/{name[7:]}": blob}, []
    for number in range(images):
        own = json.dumps(
            {
                "os": "linux",
                "architecture": "amd64",
                "config": {"User": str(number)},
                "rootfs": {"diff_ids": [name] * layers},
            }
        ).encode()
        described = {"config": {"digest": digest(own)}, "layers": [{"digest": name}] * layers}
        manifest = json.dumps(described).encode()
        listed.append({"digest": digest(manifest)})
        blobs |= {f"blobs/sha256/{digest(data)[7:]}": data for data in (own, manifest)}
    return archive({"index.json": json.dumps({"manifests": listed}).encode(), **blobs})


def docker(**changes: bytes) -> bytes:
    """A docker save archive; `changes` replace its files, __ for a dot."""
    files = docker_files(NAME, [SMALL])
    return archive({**files, **{name.replace("__", "."): data for name, data in changes.items()}})


def links_through_links() -> bytes:
    """Every entry lies behind 40 links of 2,000 steps each."""
    entries: Entries = {f"l{number}": f"{'./' * 1000}l{number + 1}" for number in range(39)}
    return layer({**entries, "l39": None, **{f"l0/{number}/f": b"" for number in range(20_000)}})


def whiteouts_over_and_over() -> bytes:
    wide = layer({f"d{number}": b"" for number in range(20_000)})
    return image(wide, *[layer({f".wh.e{number}": b"", "x": b""}) for number in range(500)])


def deep_folders() -> bytes:
    return image(*[layer({"a/" * 1900 + str(number): b"" for number in range(20)}) for _ in range(200)])


def huge_dictionary() -> bytes:
    """An xz file whose header asks for 1.5 GiB: the byte of the dictionary's size is set by hand."""
    data = bytearray(lzma.compress(bytes(1000), preset=0))
    position = data.index(b"\x21\x01") + 2  # filter LZMA2, one byte of properties
    data[position] = 37
    size = (data[12] + 1) * 4
    data[12 + size - 4 : 12 + size] = zlib.crc32(data[12 : 12 + size - 4]).to_bytes(4, "little")
    return bytes(data)


BIG_NAME = header(b"././@LongLink", size=2**31, kind=b"L") + b"a" * 512
SPARSE = header(b"sparse", kind=b"S", tail=b"ustar  \0".ljust(129, b"\0") + b"\0" * 97 + base_256(2**50))

HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a GNU name of 2 GiB": (lambda: BIG_NAME, '@LongLink" has an extension header of 2147483648 bytes'),
    "the same, compressed": (
        lambda: gzip.compress(header(b"././@LongLink", size=2**27, kind=b"L") + bytes(2**24)),
        "extension header of 134217728 bytes, more than 1048576",
    ),
    "a pax header of 3 GB": (
        lambda: header(b"./PaxHeaders/etc/passwd", size=3 * 10**9, kind=b"x"),
        'entry 1 "./PaxHeaders/etc/passwd" has an extension header of 3000000000 bytes',
    ),
    "a global header of 3 GB": (
        lambda: header(b"g", size=3 * 10**9, kind=b"g"),
        '"g" has an extension header',
    ),
    "a name of 2 GiB in a layer": (lambda: image(BIG_NAME), "layer .* has an extension header of 2147483648"),
    "a hundred thousand headers": (
        lambda: image((header(b"long", size=10, kind=b"L") + padded(b"abcdefghi\0")) * 100_000),
        '"long" has more than 16 extension headers in a row',
    ),
    "a name of 5,000 bytes": (lambda: image(layer({"n" * 5000: b""})), "has a name of 5000 bytes, more than"),
    "a pax header with a wrong length": (
        lambda: image(header(size=9, kind=b"x") + padded(b"99 path=x\n"[:9])),
        "has a damaged pax header",
    ),
    "a pax size below zero": (
        lambda: image(pax(size="-5") + header(b"n")),
        "size that is no number of bytes",
    ),
    "a size below zero": (lambda: image(header(b"low", size=base_256(-1))), '"low" has a size that is no'),
    "a size of 2^80": (lambda: image(header(b"high", size=base_256(2**80))), '"high" has a size that is no'),
    "a size of letters": (
        lambda: image(header(b"word", size=b"hello world")),
        '"word" has a size that is no',
    ),
    "a file of 8 EiB": (lambda: image(header(b"vast", size=base_256(2**62))), '"vast" of .* makes the image'),
    "a pax size of 8 EiB": (
        lambda: image(pax(size=str(2**62)) + header(b"vast")),
        '"vast" of .* makes the image unpack to more than 16.0 GiB, which --max-image-size allows',
    ),
    "a member of 1 TiB": (lambda: header(b"blob", size=base_256(2**40)), '"blob" claims 1099511627776 bytes'),
    "holes of 1 PiB": (lambda: image(SPARSE), '"sparse" of 1024.0 TiB makes the image unpack to more than'),
    "holes of 1 PiB in a pax header": (
        lambda: image(pax(GNU_sparse_realsize=str(2**50)) + header(b"sparse")),
        '"sparse" of 1024.0 TiB makes the image unpack to more than 16.0 GiB',
    ),
    "a list of holes without end": (
        lambda: image(
            header(b"s", kind=b"S", tail=b"ustar  \0".ljust(225, b"\0") + b"\1") + (b"\1" * 512) * 5000
        ),
        '"s" has a list of holes that is cut off or too long',
    ),
    "a gzip bomb": (lambda: zeros(2048), "the archive expands to more than 200 times its size"),
    "a bzip2 bomb": (
        lambda: bz2.compress(bytes(2**20)) * 1000,
        "the archive expands to more than 200 times its size|is not a readable",
    ),
    "an xz bomb": (lambda: lzma.compress(bytes(2**20), preset=0) * 300, "expands to more than 200 times"),
    "xz with a dictionary of 1.5 GiB": (
        huge_dictionary,
        "is not a readable image archive",
    ),
    "a bomb in a layer": (
        lambda: with_blob(zeros(2048)),
        "layer .*the archive expands to more than 200 times",
    ),
    "a bomb in a layer in a bomb": (lambda: gzip.compress(with_blob(zeros(2048))), "more than 200 times"),
    "entries that are nothing but headers": (
        lambda: with_blob(gzip.compress(header(b"d") * 60_000, 6)),
        "is one entry too many: the archive has",
    ),
    "gzip headers without end": (
        lambda: gzip.compress(with_blob(b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * 20_000_000)),
        "is corrupt: the compressed data is cut off",
    ),
    "gzip streams without end": (
        lambda: with_blob(gzip.compress(b"", mtime=0) * 200_000),
        "wrong content: its diff ID is",
    ),
    "too many members": (
        lambda: gzip.compress(b"".join(header(b"m%07d" % number) for number in range(100_001)), 1),
        'has more than 100000 members, up to "m0100000"',
    ),
    "depth of manifest.json": (lambda: docker(manifest__json=b"[" * 100_000), "nested too deeply"),
    "depth of the configuration": (
        lambda: docker(config__json=b'{"a":' * 90_000 + b"1" + b"}" * 90_000),
        "nested too deeply",
    ),
    "depth of index.json": (lambda: archive({"index.json": b'{"a":' * 100_000}), "nested too deeply"),
    "lists in a configuration": (
        lambda: docker(config__json=b"[" + b"[]," * 1_300_000 + b"[]]"),
        "has more than 200000 values",
    ),
    "a manifest of 20 MiB": (
        lambda: gzip.compress(archive({"manifest.json": b" " * (20 * 2**20)})),
        "is larger than 4194304 bytes|more than 200 times",
    ),
    "indexes in indexes": (
        lambda: nested_indexes(2000, 4),
        "has no image|nested deeper|has no image, wanted",
    ),
    "indexes too deep": (lambda: nested_indexes(1, 7), "indexes are nested deeper than 4"),
    "a layer a hundred thousand times": (
        lambda: one_layer_many_times(20_000, 1),
        "values|layers, more than",
    ),
    "a layer in a thousand images": (lambda: one_layer_many_times(900, 20), "more than [0-9]+ steps"),
    "links through links": (lambda: image(links_through_links()), "more than [0-9]+ steps"),
    "a layer cut off": (lambda: image(SMALL[:700], compress=False), "is corrupt|cut off"),
    "an archive cut off": (lambda: image(SMALL)[:1100], "is cut off"),
    "an unprintable name": (
        lambda: image(header(b"\x1b[31mred\xe2\x80\xae", size=base_256(2**60))),
        r"'\\x1b\[31mred\\u202e' of ",
    ),
}
"""What to read by its title, and what has to be said of it."""
