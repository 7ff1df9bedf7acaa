"""The command line's `export`: the public site as files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from geo_policing.cli_progress import CliProgress


def export_static(target: Path, data_dir: Path, *, base: str, most_zoom: int, as_json: bool) -> None:
    """Write the site into `target` and say what was written."""
    from geo_policing.api.static_site import export_site
    from geo_policing.clock import Clock
    from geo_policing.config import Settings

    settings = Settings.from_env(data_dir=data_dir)
    with CliProgress(sys.stderr) as progress:
        done = export_site(settings, Clock(), target, progress, base=_base(base), most_zoom=most_zoom)
    if as_json:
        told = {
            "target": str(target),
            "files": done.files,
            "bytes": done.size_bytes,
            "tiles": done.tiles,
            "pages": done.pages,
            "data_version": done.data_version,
            "written_at": done.written_at.isoformat(),
        }
        click.echo(json.dumps(told))
        return
    size_mb = done.size_bytes / 1e6
    click.echo(f"{target}: {done.pages:,} pages and {done.tiles:,} tiles, {done.files:,} files, {size_mb:,.1f} MB.")


def _base(text: str) -> str:
    """A path with a slash at both ends; BadParameter for what is none."""
    path = "/" + text.strip("/") + "/" if text.strip("/") else "/"
    if (
        not all(part and part not in (".", "..") and part.isprintable() for part in path[1:-1].split("/"))
        and path != "/"
    ):
        raise click.BadParameter(f"{text!r} is not a path such as /police/.", param_hint="--base-path")
    if any(c in path for c in ' "<>?#\\'):
        raise click.BadParameter(f"{text!r} is not a path such as /police/.", param_hint="--base-path")
    return path
