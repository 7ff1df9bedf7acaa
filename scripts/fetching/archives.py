"""Taking chosen members out of a zip, trusting nothing that it says of itself."""

from __future__ import annotations

import fnmatch
import re
import shutil
import stat
import zipfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from geo_policing.datasets.progress import SILENT, Progress
from geo_policing.errors import SourceError
from scripts.fetching import beside

CHUNK_BYTES = 1024 * 1024
REMEDY = "Delete it and run the command again; if it happens again, the publisher's file is damaged."


def matching(names: Iterable[str], patterns: Sequence[str], *, newest: int = 0) -> list[str]:
    """The `names` that match one of `patterns` (as of a shell, case ignored), sorted.

    With `newest`, only those in the `newest` folders that come last by name, as folders named by month do.
    """
    chosen = sorted(n for n in names if any(fnmatch.fnmatch(n.lower(), p.lower()) for p in patterns))
    if not newest:
        return chosen
    folders = sorted({str(PurePosixPath(name).parent) for name in chosen})[-newest:]
    return [name for name in chosen if str(PurePosixPath(name).parent) in folders]


def extract(
    archive: Path,
    folder: Path,
    choose: Callable[[list[str]], list[str]],
    *,
    keep: Callable[[str, bytes], bool] = lambda name, content: True,
    max_bytes: int,
    progress: Progress = SILENT,
) -> list[str]:
    """Put the members of `archive` that `choose` picks from all names into the new folder `folder`; gives their names.

    `keep` sees each chosen member's name and content and may still leave it out. All appear at once, when the last
    is there. SourceError for what is no whole zip, for a member whose name leads out of the folder, a link, a
    contradiction of the checksum, more than `max_bytes` unpacked, and where nothing was chosen.
    """
    unpacking = beside(folder, ".part")
    shutil.rmtree(unpacking, ignore_errors=True)
    try:
        with zipfile.ZipFile(archive) as content:
            members = [m for m in content.infolist() if not m.is_dir()]
            chosen = set(choose([m.filename for m in members]))
            kept = []
            for number, member in enumerate((m for m in members if m.filename in chosen), start=1):
                progress.detail(f"unpacking {number} of {len(chosen)}")
                target = unpacking / _safe_name(archive, member)
                max_bytes -= _unpack(content, member, target, max_bytes, archive)
                if keep(member.filename, target.read_bytes()):
                    kept.append(member.filename)
                else:
                    target.unlink()
    # RuntimeError is what an encrypted member raises.
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise SourceError(f"is no whole zip file ({error})", file=archive, remedy=REMEDY) from error
    if not kept:
        raise SourceError("holds nothing of what was looked for", file=archive, remedy=REMEDY)
    shutil.rmtree(folder, ignore_errors=True)
    unpacking.replace(folder)
    return kept


def _safe_name(archive: Path, member: zipfile.ZipInfo) -> PurePosixPath:
    name = PurePosixPath(member.filename)
    leads_out = name.is_absolute() or ".." in name.parts or re.search(r"[\\:\0]", member.filename)
    if leads_out or stat.S_ISLNK(member.external_attr >> 16):
        raise SourceError(f"member {member.filename!r} leads out of its folder", file=archive, remedy=REMEDY)
    return name


def _unpack(content: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, limit: int, archive: Path) -> int:
    """Write `member` to `target`, at most `limit` bytes whatever it declares; gives its size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with content.open(member) as source, target.open("wb") as file:
        while chunk := source.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limit:
                raise SourceError(f"unpacks to more than expected at {member.filename!r}", file=archive, remedy=REMEDY)
            file.write(chunk)
    return size
