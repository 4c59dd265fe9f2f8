"""Which numbers are told to be modes written in decimal, and which are left alone."""

from typing import Any

import pytest

from podproof.checks.decimal_file_mode import CHECK
from podproof.effective.setting import Setting
from podproof.kube.default_pod import default_pod
from podproof.kube.read_pod import read_exactly
from podproof.session.judging.effects import put_on_node

OWNER_ONLY, GROUP, OTHERS = "400 500 600 700", "440 550 640 660 710 740 750 770", "404 604 705"
ALL = "444 505 555 644 664 666 711 744 751 754 755 771 774 775 777"
USUAL = [int(number) for numbers in (OWNER_ONLY, GROUP, OTHERS, ALL) for number in numbers.split()]


def messages(mode: Any, **os: Any) -> list[str]:
    pod = {
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {
            **os,
            "containers": [{"name": "c", "image": "i"}],
            "volumes": [{"name": "v", "secret": {"secretName": "s", "defaultMode": mode}}],
        },
    }
    return [f.message for f in CHECK.find(put_on_node(Setting(), default_pod(read_exactly(pod))))]


@pytest.mark.parametrize("mode", USUAL)
def test_a_usual_mode_without_its_zero(mode: int) -> None:
    (message,) = messages(mode)
    assert message.startswith(f'volume "v" has defaultMode: {mode}, which is decimal, mode ')
    assert message.endswith(f": write 0{mode} for mode 0{mode} ({int(str(mode), 8)} in JSON)")


@pytest.mark.parametrize(
    "mode",
    [0, *(n for usual in USUAL if (n := int(str(usual), 8)) not in USUAL), 100, 401, 441, 445, 556, 643, 778],
)
def test_another_number(mode: int) -> None:
    assert messages(mode) == []


def test_a_windows_node_has_no_modes() -> None:
    assert messages(644, os={"name": "windows"}) == []
