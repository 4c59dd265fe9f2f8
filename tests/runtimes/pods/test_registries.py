"""Registries in this machine's network: refused whatever their addresses are written as, unless allowed."""

import socket
from typing import Any

import pytest
from fake_engine import FakeClock, FakeEngine

from podproof.effective.setting import Setting
from podproof.kubelet.objects import Objects
from podproof.kubelet.pulls import PullEvent, Waiting
from podproof.runtimes.pods import registries
from podproof.runtimes.pods.image_pulls import ImagePulls
from podproof.runtimes.pods.registries import registry_refusal
from podproof.runtimes.pods.values import RunOptions

NAMES = {
    "inside.example": "10.1.2.3",
    "public.example": "93.184.215.14",
    "metadata.example": "169.254.169.254",
}


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that knows a few names, and what every resolver takes for an address."""
    real = socket.getaddrinfo

    def resolve(host: str, *arguments: Any, **options: Any) -> Any:
        literal = host.replace(".", "").isdigit() or ":" in host or host.startswith("0x")
        if not literal and host not in NAMES:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(NAMES.get(host, host), *arguments, **options)

    monkeypatch.setattr(registries.socket, "getaddrinfo", resolve)


@pytest.mark.parametrize(
    ("image", "address"),
    [
        ("127.0.0.1:5000/x", "127.0.0.1"),
        ("localhost/x", "127.0.0.1"),
        ("a.localhost:80/x", "127.0.0.1"),
        ("127.1:80/x", "127.0.0.1"),
        ("2130706433:80/x", "127.0.0.1"),
        ("169.254.169.254/x", "169.254.169.254"),
        ("10.0.0.1/x:1", "10.0.0.1"),
        ("172.16.0.1/x", "172.16.0.1"),
        ("192.168.1.1/x", "192.168.1.1"),
        ("100.64.0.1/x", "100.64.0.1"),
        ("0.0.0.0:80/x", "0.0.0.0"),
        ("[::1]:5000/x", "::1"),
        ("[fe80::1]/x", "fe80::1"),
        ("[fd00::1]/x", "fd00::1"),
        ("[::ffff:a00:1]/x", ""),
        ("[64:ff9b::a00:1]/x", "64:ff9b::a00:1"),
        ("[2002:a00:1::]/x", "2002:a00:1::"),
        ("inside.example/x", "10.1.2.3"),
        ("metadata.example:80/x", "169.254.169.254"),
    ],
)
def test_refused(image: str, address: str) -> None:
    said = registry_refusal(image, ())
    if not address:  # each Python writes it in its own way
        assert said is not None
        return
    registry = image.partition("/")[0]
    assert said == (
        f"registry {registry} is at {address}, in this machine or its network: "
        f"pull from it only with --allow-registry {registry}"
    )
    assert registry_refusal(image, (registry,)) is None


@pytest.mark.parametrize(
    "image", ["public.example/x", "93.184.215.14/x", "unknown.example/x", "nginx", "NOT/valid"]
)
def test_left_to_the_runtime(image: str) -> None:
    assert registry_refusal(image, ()) is None


def test_an_allowed_host_is_allowed_at_every_port() -> None:
    assert registry_refusal("127.0.0.1:5000/x", ("127.0.0.1",)) is None
    assert registry_refusal("127.0.0.1:5000/x", ("127.0.0.1:5001",)) is not None
    assert registry_refusal("[::1]:5000/x", ("::1",)) is None


def test_nothing_is_asked_of_a_refused_registry() -> None:
    engine = FakeEngine(clock=FakeClock(), images={})
    engine.pull = None  # type: ignore[assignment]
    events: list[PullEvent] = []
    pulls = ImagePulls(
        {"metadata": {"name": "web"}, "spec": {}},
        engine=engine,
        objects=Objects(),
        options=RunOptions(setting=Setting()),
        clock=FakeClock(),
    )
    waits = pulls.ensure({"image": "169.254.169.254/latest/x"}, events.append)
    assert isinstance(waits, Waiting)
    assert waits.reason == "ErrImagePull"
    assert waits.message.endswith("pull from it only with --allow-registry 169.254.169.254")
