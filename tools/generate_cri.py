"""Writes src/podproof/runtimes/cri/cri_pb2.py and .pyi from cri.proto beside them; --check only compares.

Without grpcio-tools, which only this tool needs, it says so and ends with 0.
"""

import re
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "src/podproof/runtimes/cri"
NAMES = ("cri_pb2.py", "cri_pb2.pyi")


def generate(folder: Path) -> dict[str, str]:
    """Run protoc on the interface file, by the path that it is imported by; file name to text."""
    from grpc_tools import protoc

    source = FOLDER.parents[2]
    arguments = ["protoc", f"--proto_path={source}", f"--python_out={folder}", f"--pyi_out={folder}"]
    if protoc.main([*arguments, str(FOLDER / "cri.proto")]):
        sys.exit("protoc failed")
    made = folder / FOLDER.relative_to(source)
    return {name: (made / name).read_text() for name in NAMES}


def version(text: str) -> str | None:
    """Tell which protobuf made a file."""
    found = re.search(r"^# Protobuf Python Version: (\S+)", text, re.MULTILINE)
    return found[1] if found else None


def main() -> None:
    check = sys.argv[1:] == ["--check"]
    try:
        import grpc_tools  # noqa: F401 - only whether it is there
    except ImportError:
        print("generate_cri: grpcio-tools is not installed, nothing compared")
        return
    with tempfile.TemporaryDirectory() as folder:
        texts = generate(Path(folder))
    if not check:
        for name, text in texts.items():
            (FOLDER / name).write_text(text)
        return
    made, committed = version(texts["cri_pb2.py"]), version((FOLDER / "cri_pb2.py").read_text())
    if made != committed:
        print(f"generate_cri: committed files are of protobuf {committed}, this is {made}, nothing compared")
        return
    different = [name for name, text in texts.items() if (FOLDER / name).read_text() != text]
    if different:
        sys.exit(f"generate_cri: differs from cri.proto: {', '.join(different)}")


if __name__ == "__main__":
    main()
