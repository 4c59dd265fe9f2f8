"""The limit for images is a quantity, and a wrong one is refused before anything is started."""

from pathlib import Path

import pytest


@pytest.mark.parametrize("verb", ["run", "prove"])
@pytest.mark.parametrize("size", ["much", "0", "-1Gi"])
def test_a_limit_that_is_no_size_is_refused(tmp_path: Path, podproof: object, verb: str, size: str) -> None:
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\n")
    result = podproof(verb, "pod.yaml", "--max-image-size", size)  # type: ignore[operator]  # a fixture
    assert result.returncode == 2
    assert f"--max-image-size must be a size such as 16Gi, has '{size}'" in result.stderr.decode()
