"""The lock file is written from archives, read back the same, and refuses what it does not know."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from image_builder import docker_files, layer, layout_files, write_tar

from podproof.commands.images import lock
from podproof.effective.image import ImageConfig
from podproof.images.errors import ImageError
from podproof.images.lock import parse_lock, read_archived, write_lock
from podproof.images.reference import normalize
from podproof.session.images_lock import LockedImages, LockRequest, lock_paths

ONE, TWO = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
HEAD = "schema: podproof/images/v1\nimages:\n"


def locked(paths: list[str], *manifests: str) -> LockedImages:
    """Lock what archives have; nothing is read from a registry."""

    def read(reference: str) -> ImageConfig:
        raise AssertionError(reference)

    return lock_paths(LockRequest(paths=paths, manifests=manifests), read)


def test_written_and_read_back(tmp_path: Path) -> None:
    passwd = b"root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001:a # b:/:/bin/sh\n"
    base = layer({"etc/passwd": passwd, "etc/group": b"root:x:0:\n\n"})
    one = write_tar(tmp_path / "1.tar", layout_files("docker.io/library/web:1", [base], User="0755"))
    two = write_tar(tmp_path / "2.tar", docker_files("registry:5000/api:2", [base], Cmd=["a b", 'c"']))
    facts = read_archived([one, two])
    assert facts.named == ("docker.io/library/web:1", "registry:5000/api:2")
    assert facts.find("absent") is None
    lock = tmp_path / "lock.yaml"
    found = {name: facts.find(name) for name in ("web:1", "registry:5000/api:2")}
    lock.write_text(write_lock({name: config for name, config in found.items() if config is not None}))
    catalog = parse_lock(str(lock), lock.read_bytes())
    assert list(catalog) == ["registry:5000/api:2", "web:1"]
    assert catalog["web:1"].user == "0755"
    assert catalog["docker.io/library/web:1"].passwd == passwd.decode()
    assert catalog["web:1"].group == "root:x:0:\n\n"
    assert catalog["registry:5000/api:2"].command == ("a b", 'c"')
    assert catalog[f"elsewhere/web@{catalog['web:1'].digest}"].user == "0755"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("images: {}\n", r":1: schema must be podproof/images/v1"),
        (HEAD + "  a: {usr: x}\n", r"l.yaml:3:7: images.a.usr is not a key of an image, did you mean user"),
        (HEAD + "  a: {user: 1000}\n", r"l.yaml:3:7: images.a.user must be a string, has 1000: quote it"),
        (HEAD + "  a: {command: /bin/sh}\n", r"images.a.command must be a list of strings"),
        (HEAD + "  a: [1]\n", r"images.a must be a mapping"),
        (HEAD + "  a: {}\n  a: {}\n", r"images.a is set twice"),
        (HEAD + "extra: 1\n", r"extra is not a key of a lock file"),
        (HEAD + "  a: {\n", r"l.yaml:"),
        (HEAD + "  a: {digest: sha256:zz}\n", r"l.yaml:3:7: images.a.digest must be sha256: and 64 hexadec"),
        (HEAD + "  a: {user: x}\n  docker.io/library/a: {}\n", r"l.yaml:4:3: .* is the same image as a, and"),
        (HEAD + f"  a@{ONE}: {{digest: {TWO}}}\n", r"l.yaml:3:\d+: .*digest is another one than that of the"),
        (HEAD + '  a: {passwd: "' + "a:x:1\\n" * 200000 + '"}\n', r"has 200000 lines"),
    ],
)
def test_what_it_does_not_know_is_refused_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        parse_lock("l.yaml", text.encode())


def test_two_archives_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    one = write_tar(tmp_path / "1.tar", layout_files("web:1", [], User="1"))
    two = write_tar(tmp_path / "2.tar", layout_files("docker.io/library/web:1", [], User="2"))
    with pytest.raises(
        ImageError, match=r"2.tar: has another docker.io/library/web:1 than an archive before it"
    ):
        read_archived([one, two])


def test_what_a_lock_file_does_not_say_is_unknown() -> None:
    catalog = parse_lock("l.yaml", (HEAD + "  a:\n  b: {user: null}\n").encode())
    assert catalog["a"].user is None
    assert catalog["b"].passwd is None


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("nginx", "docker.io/library/nginx:latest"),
        ("nginx:1.27", "docker.io/library/nginx:1.27"),
        ("me/web", "docker.io/me/web:latest"),
        ("localhost/web:1", "localhost/web:1"),
        ("host:5000/web", "host:5000/web:latest"),
        ("quay.io/a/b:1@sha256:00", "quay.io/a/b@sha256:00"),
    ],
)
def test_references_are_written_in_full(short: str, full: str) -> None:
    assert normalize(short) == full


def test_images_lock_says_when_manifests_name_no_image(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "i.tar", layout_files("web:1", [layer({"etc/passwd": b""})]))
    (tmp_path / "c.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n")
    arguments = [str(archive), "--manifest", str(tmp_path / "c.yaml")]
    result = CliRunner().invoke(lock, arguments, standalone_mode=False)
    assert result.return_value == 3
    assert result.stderr == "podproof: the manifests name no image: the lock file is empty\n"


@pytest.mark.parametrize(
    ("passwd", "read"),
    [
        ("é😀:x:1:1::/:/\n𝄞:x:2:2::/:/\n".encode(), "é😀:x:1:1::/:/\n𝄞:x:2:2::/:/\n"),
        (b"al\xff:x:1:1::/:/\n", "al�:x:1:1::/:/\n"),
        (b"a\x00\x1b[31m:x:1:1::/:/\r\n", "a\x00\x1b[31m:x:1:1::/:/\r\n"),
        ("\ufeffa\u0085b\u2028:x:1:1::/:/\n".encode(), "\ufeffa\u0085b\u2028:x:1:1::/:/\n"),
    ],
)
def test_any_bytes_of_a_passwd_file_give_a_lock_file_that_can_be_read(
    tmp_path: Path, passwd: bytes, read: str
) -> None:
    archive = write_tar(
        tmp_path / "i.tar", layout_files("web:1", [layer({"etc/passwd": passwd})], Cmd=["😀"])
    )
    text = locked([str(archive)]).text
    config = parse_lock("lock.yaml", text.encode("ascii"))["web:1"]
    assert config.passwd == read
    assert config.command == ("😀",)


def test_only_what_manifests_use_is_locked(tmp_path: Path) -> None:
    archive = write_tar(tmp_path / "i.tar", layout_files("docker.io/library/web:1", [], User="7"))
    manifest = tmp_path / "pod.yaml"
    containers = "[{name: a, image: web:1}, {name: b, image: other:1}]"
    manifest.write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{containers: {containers}}}\n"
    )
    result = locked([str(archive)], str(manifest))
    assert list(parse_lock("l", result.text.encode())) == ["web:1"]
    assert result.missing == {"other:1": ""}
    arguments = [str(archive), "--manifest", str(manifest)]
    run = CliRunner().invoke(lock, arguments, standalone_mode=False)
    assert run.return_value == 4
    assert run.stderr == "podproof: no archive contains other:1: what it contains stays unknown\n"
