"""start-undecided asks for the image's passwd file where the image names a user, and only there."""

import pytest

from podproof.checks.start_undecided import CHECK
from podproof.effective.image import ImageConfig
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.session.judging.effects import put_on_node


@pytest.mark.parametrize(
    ("image", "labels"),
    [
        (ImageConfig(user="app", passwd=None), ["its /etc/passwd is not known"]),
        (ImageConfig(user="app", passwd="app:x:1:1\n", group=""), []),
        (ImageConfig(user=None, passwd=None), []),
        (None, []),
    ],
)
def test_the_passwd_file(image: ImageConfig | None, labels: list[str]) -> None:
    pod = raw_pod({"spec": {"containers": [{"name": "c", "image": "i"}]}})
    found = list(CHECK.find(put_on_node(Setting(images={} if image is None else {"i": image}), pod)))
    assert [finding.label for finding in found] == labels
    assert all(finding.advice and finding.route == ("spec", "containers", 0, "image") for finding in found)
