"""USER of an image: what is kept of it, and the group that Kubernetes drops."""

import pytest

from podproof.effective.image import ImageUser, parse_image_user


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("", ImageUser(uid=0)),
        ("5", ImageUser(uid=5)),
        ("5:6", ImageUser(uid=5, lost_group="6")),
        (":6", ImageUser(uid=0, lost_group="6")),
        ("web", ImageUser(name="web")),
        ("web:staff", ImageUser(name="web", lost_group="staff")),
        ("web:staff:more", ImageUser(name="web", lost_group="staff:more")),
        ("5:", ImageUser(uid=5)),
    ],
)
def test_user(text: str, user: ImageUser) -> None:
    assert parse_image_user(text) == user
