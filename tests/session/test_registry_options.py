"""What options say of registries: hosts, certificates and mirrors, or a line that tells what is wrong."""

from pathlib import Path

import pytest

from podproof.errors import UsageError
from podproof.session.registry_options import registry_settings


@pytest.mark.parametrize(
    ("plain", "signed", "mirrors", "words"),
    [
        ([], ["host"], [], r"--registry-ca 'host' must be HOST\[:PORT\]=FILE"),
        ([], ["host={}/none"], [], "cannot read .*none: No such file"),
        ([], ["host={}/key"], [], "must hold certificates in PEM"),
        ([], ["ho/st={}/ca.pem"], [], "registry 'ho/st' must be HOST or HOST:PORT"),
        (["http://host"], [], [], r"registry 'http://host' must be HOST or HOST:PORT"),
        (["host"], ["host={}/ca.pem"], [], r"registry host: .* contradict each other"),
        ([], [], ["docker.io"], r"--registry-mirror 'docker.io' must be HOST=MIRROR\[:PORT\]"),
        ([], [], ["docker.io=https://m"], r"registry 'https://m' must be HOST or HOST:PORT"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, plain: list[str], signed: list[str], mirrors: list[str], words: str
) -> None:
    (tmp_path / "key").write_text("-----BEGIN PRIVATE KEY-----\n")
    (tmp_path / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\n")
    with pytest.raises(UsageError, match=words):
        registry_settings(
            plain_http=plain, authorities=[text.format(tmp_path) for text in signed], mirrors=mirrors
        )


def test_who_is_named_may_be_anywhere(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("-----BEGIN CERTIFICATE-----\n")
    settings = registry_settings(
        ["a"],
        plain_http=["b:80"],
        authorities=[f"[::1]:5000={authority}"],
        mirrors=["docker.io=m1:1", "docker.io=m2"],
    )
    assert settings.reachable == {"a", "b:80", "[::1]:5000", "m1:1", "m2"}
    assert settings.mirrors == {"docker.io": ("m1:1", "m2")}
    assert [settings.goes_plain(host) for host in ("b:80", "b", "a", "127.0.0.1:5000")] == [
        True,
        False,
        False,
        False,
    ]
