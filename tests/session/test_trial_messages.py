"""What programs print when the kernel refuses something, as it was printed, and what is read from it."""

import pytest

from podproof.session.fix.trial_messages import RefusedPath, refusals_in


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("sh: can't create /data/x: Read-only file system", RefusedPath("EROFS", "/data/x")),
        ("/bin/sh: 1: cannot create /data/x: Permission denied", RefusedPath("EACCES", "/data/x")),
        ("mkdir: can't create directory '/srv/www/': Permission denied", RefusedPath("EACCES", "/srv/www")),
        ("OSError: [Errno 30] Read-only file system: '/var/app/x'", RefusedPath("EROFS", "/var/app/x")),
        ("PermissionError: [Errno 13] Permission denied: '/a/b'", RefusedPath("EACCES", "/a/b")),
        ("open /data/x: permission denied", RefusedPath("EACCES", "/data/x")),
        ("Error: EACCES: permission denied, mkdir '/data/x'", RefusedPath("EACCES", "/data/x")),
        (
            'nginx: [emerg] mkdir() "/var/cache/nginx/t" failed (30: Read-only file system)',
            RefusedPath("EROFS", "/var/cache/nginx/t"),
        ),
        ("bind() to 0.0.0.0:80 failed (13: Permission denied)", RefusedPath("EACCES")),
        ("chown: /data: Operation not permitted", RefusedPath("EPERM", "/data")),
        ("su: can't set groups: Operation not permitted", RefusedPath("EPERM")),
    ],
)  # fmt: skip
def test_one_line(line: str, refusal: RefusedPath) -> None:
    assert refusals_in([line]) == (refusal,)


def test_several_lines_each_once() -> None:
    lines = ["all is well at /tmp/x", "touch: /a: Permission denied", "touch: /a: Permission denied", ""]
    assert refusals_in(lines) == (RefusedPath("EACCES", "/a"),)
    assert refusals_in(["x" * 5000 + "/a: Permission denied"]) == ()
