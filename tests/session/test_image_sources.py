"""Archives are imported once: what the engine has under every name of an archive is not imported again."""

from pathlib import Path

import pytest
from image_builder import docker_files, layer, layout_files, write_tar
from runtimes.fake_engine import FakeClock, FakeEngine

from podproof.effective.image import ImageConfig
from podproof.errors import InputError
from podproof.images.archive import read_archive
from podproof.images.errors import ImageError
from podproof.runtimes.engine import ImageRecord
from podproof.session.run.image_sources import import_archives

LAYERS = [layer({"etc/passwd": b"root:x:0:0::/:\n", "big": b"x" * 5000})]


class Importing(FakeEngine):
    """Has what it imported, as containerd does; `meanwhile` is done while it imports."""

    def __init__(self) -> None:
        super().__init__(FakeClock(), {})
        self.meanwhile = lambda _path: None

    def import_archive(self, path: Path) -> tuple[str, ...]:
        self.calls.append(f"import {path.name}")
        self.meanwhile(path)
        for image in read_archive(path):
            for name in image.references:
                self._images[name] = ImageRecord(name, image.id, None, ImageConfig())
        return tuple(self._images)


@pytest.mark.parametrize("make", [layout_files, docker_files])
def test_what_the_engine_has_is_not_imported_again(tmp_path: Path, make: object) -> None:
    engine = Importing()
    path = write_tar(tmp_path / "i.tar", make("web:1", LAYERS, User="7"))  # type: ignore[operator]  # a parameter
    for _ in range(2):
        assert import_archives(engine, [path])["web:1"].user == "7"
    assert engine.calls == ["import i.tar"]
    engine.remove_image("web:1")
    import_archives(engine, [path])
    assert len(engine.calls) == 2
    write_tar(path, make("web:1", LAYERS, User="8"))  # type: ignore[operator]  # a parameter
    assert import_archives(engine, [path])["web:1"].user == "8"
    assert len(engine.calls) == 3


def test_nothing_is_imported_when_one_archive_is_too_large(tmp_path: Path) -> None:
    engine = Importing()
    small = write_tar(tmp_path / "small.tar", layout_files("small:1", [layer({"x": b""})]))
    large = write_tar(tmp_path / "large.tar", layout_files("large:1", LAYERS))
    with pytest.raises(
        ImageError, match=r'large.tar: layer .*"big" of 4.9 KiB makes the image unpack to more'
    ):
        import_archives(engine, [small, large], limit=10_000)
    assert engine.calls == []


def test_an_archive_that_changes_while_it_is_imported_is_refused(tmp_path: Path) -> None:
    engine = Importing()
    path = write_tar(tmp_path / "i.tar", layout_files("web:1", LAYERS))
    engine.meanwhile = lambda path: write_tar(path, layout_files("web:1", [layer({"other": b"1"})]))
    with pytest.raises(InputError, match=r"i.tar: changed while it was read"):
        import_archives(engine, [path])
