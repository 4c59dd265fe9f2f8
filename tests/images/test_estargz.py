"""eStargz: a layer that `estargz` of containerd's snapshotter made is read whole, whatever it claims.

It was made with github.com/containerd/stargz-snapshotter/estargz v0.19.1, of a passwd, a group and a program
with the set-user-ID bit.
"""

import hashlib
import io
import zlib
from base64 import b64decode
from collections.abc import Iterator

from podproof.images.layers import Assembled, Layer, LayerReader
from podproof.images.limits import Meter

LAYER = b64decode("""
H4sIAAAAAAAC/9LLy9crKEpNSy1JztDLScxLyU0symagLjCAAFy0gYGBIRLbgMHA0NjQzIhBwYCBDqC0uCSxiMHAgNqeHCIAAAAA
//8BAAD//780294AAgAAH4sIAAAAAAAC/+JnGAUjGaSWJOvT2g4DAwMDc1NTMG1gYIBOY2Gbm5sZMCiY0iMASotLEosYDAyo4Ulk
zw2h+C9ILC4uT6Ft/JuZmOCOf0Nz1Pg3NDQyMGJQMBiNf5oDAAAAAP//AQAA///oZzQNAAYAAB+LCAAAAAAAAv8qT02yqrAyt7Kw
stK30udiGAUjC6SWJOunF+WXFtDQDgMDAwMzExMwbWBggE4bGBiaItggcUNDA2NjBgUDegRAaXFJYhGDgQE1PInsuSECAAAAAP//
AQAA//8luOmcAAQAAB+LCAAAAAAAAv/KzS9KtaqwsrQqT03iYhgFIw0AAgAA///DWxUqAAIAAB+LCAAAAAAAAv9KyszTZ6AxMDAw
MDA3NQXTBgYG6DQWtjlIuYIpAx1AaXFJYhGDgQE1PInsuSECQPFfkp+fQ+P4N8Ef/6ao8W9oYGZqzqBgMBr/NAcAAAAA//8BAAD/
/+dx4HIABAAAH4sIAAAAAAAC/yrJz8/hYhgFIxUAAgAA///LsvHpAAIAAB+LCAAAAAAAAv/skstu2zoQhr2lnsLQOvAZ3jlen7co
uiA5Q0dNLBmS3EuCvHuh2FnEqW2gNgoU9beR8GP4S/wwwxj71dOiaYm/L74MXTu7PrDj2FNp597ed7lUVsrZHGZ/gO1kYAZw7Uv+
JTxXov7K/dB0bb2cy7tK1NyOfcNDvZx/qoR4roQQdRvXXC/n9aLtFpueC4/5fvEYW1rH/qG+e50Zf2xeZ3pe7ZOheeJ9qxB1V8rA
Y72cI+wCalY8TEE93Edl3ZIyMGbtbIgyaibJGY3yhkKSiMpm1CxjSp4oRYUGlY6EiVhDCTmF/Wfz/bZ9+P/q5ZUQL3cfjPCY/zsQ
QE2/T9YdTYlBffzwJg7DNzrr0L5vVHAgVYE9YhXQBhOKlMqzRpTFk7bEIHWQWUqFOTEXGdCRI6BAmSOWiOQDUyQ6afXi8uNiVn23
3Zz1os940W8TH7xYr7IyHgtryKSBtbbBK2BjVErFkLJGuqhzMLqU5Jl89iHmoKk4n8xJLxeX/9pLatrf37bp8Nh1j+ecvl+16UcP
nBqLR5w6jyYQYSzkYmELRicAhWRj9LlACUkFZVIs0hVTAD0ZoKCBKbngTu/axeWTlkp8rl5mN27cuPHP8zMAAP//Av4pNgAMAAAf
iwgEAAAAAAD/GgBTRxYAMDAwMDAwMDAwMDAwMDFlZFNUQVJHWgEAAP//AAAAAAAAAAA=
""")

DIFF_ID = "sha256:f4973efd7e32a59055960dfe45016f9bc3f9e4fb64a304201461c7db6c05a3fb"


def read(blob: bytes, diff_id: str) -> Assembled:
    digest = f"sha256:{hashlib.sha256(blob).hexdigest()}"
    layer = Layer("layer", lambda: io.BytesIO(blob), digest, diff_id)
    return LayerReader(Meter("image", 2**20)).assemble((layer,), ("etc/passwd", "etc/group"), ("bin/tool",))


def members(blob: bytes) -> Iterator[bytes]:
    """Take the gzip members apart: there is one for each file, one for the contents, and a footer."""
    while blob:
        decoder = zlib.decompressobj(wbits=31)
        decoder.decompress(blob)
        yield blob[: len(blob) - len(decoder.unused_data)]
        blob = decoder.unused_data


def packed(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


def test_a_real_layer_is_read() -> None:
    found = read(LAYER, DIFF_ID)
    assert found.texts == ("web:x:7:8::/:/\n", "more:x:9:web\n")
    assert found.program is not None
    assert found.program.set_id == "4755 0:0"


def test_what_the_table_of_contents_claims_is_not_believed() -> None:
    parts = list(members(LAYER))
    plain = [zlib.decompress(part, wbits=31) for part in parts]
    (at,) = (number for number, data in enumerate(plain) if b"stargz.index.json" in data)
    claimed = plain[at].replace(b'"mode": 2541', b'"mode":  493')
    assert claimed != plain[at]
    plain[at] = claimed
    parts[at] = packed(claimed)
    lying = read(b"".join(parts), f"sha256:{hashlib.sha256(b''.join(plain)).hexdigest()}")
    assert lying.program == read(LAYER, DIFF_ID).program
