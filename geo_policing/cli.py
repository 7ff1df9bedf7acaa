"""The command line: `geo-policing COMMAND --data DIR`.

Exit codes: 0 done, 1 the answer is no (not found, outside, terminated, several meant), 2 the input or the command
line is wrong or something that it needs cannot be used, 130 stopped by Ctrl-C, 141 the reader of a pipe went away,
143 stopped by TERM. What goes wrong is said on standard error in one line; a traceback is a fault of this program.
Heavy modules are imported by the commands that use them, so that `--help` is quick.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from geo_policing import __version__
from geo_policing.cli_exits import DATA_VARIABLE, DONE, NAME, NO_READER, TERMINATED, exit_code_of

data_option = click.option(
    "--data",
    "data_dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=DATA_VARIABLE,
    default="data",
    show_default=True,
    show_envvar=True,
    help="Folder of the datasets and the database.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON on standard output.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name=NAME)
def commands() -> None:
    """Who is my local policing team? Build the data, serve it, and look things up."""


@commands.command()
@click.option(
    "--sources",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of the publishers' files; they are told apart by what they contain.",
)
@data_option
@click.option(
    "--force",
    "force_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A force.toml; without it the one in the sources, else a packaged one, else deduced.",
)
@json_option
def build(sources: Path, data_dir: Path, force_file: Path | None, as_json: bool) -> None:
    """Build a dataset from publishers' files, and serve it.

    Whatever goes wrong, the dataset that is served now stays in service.
    """
    from geo_policing.cli_datasets import build_and_report

    build_and_report(sources, data_dir, force_file, as_json=as_json)


@commands.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@data_option
def serve(host: str, port: int, data_dir: Path) -> None:
    """Serve the pages and the API until stopped.

    Where DIR has no dataset yet, the starter dataset that ships with the program is prepared first.
    """
    from geo_policing.cli_serve import serve_until_stopped

    serve_until_stopped(host, port, data_dir)


@commands.command()
@click.option("--postcode", help='A postcode, such as "CB1 1JG".')
@click.option("--lat", help="Latitude in degrees (WGS 84), with --lon.")
@click.option("--lon", help="Longitude in degrees (WGS 84), with --lat.")
@click.option("--easting", help="Metres on the British National Grid, with --northing.")
@click.option("--northing", help="Metres on the British National Grid, with --easting.")
@click.option("--grid-ref", help='A grid reference, such as "TL 456 580".')
@click.option("--place", help="A town, village, ward or street.")
@click.option("--place-id", help="The id of a place that an earlier answer offered.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help='Many at once: a CSV file ("-" for standard input) with a header.',
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Where the answer to --csv goes (default: standard output).",
)
@click.option("--as-of", help="The day to answer for, as YYYY-MM-DD (default: today).")
@data_option
@json_option
def lookup(csv_file: Path | None, output: Path | None, data_dir: Path, *, as_json: bool, **asked: str | None) -> int:
    """Find the beat and team of a postcode, point or place.

    With --csv, every row gets its answer in added columns, and the order stays.
    """
    from geo_policing.cli_lookup import look_up_csv, look_up_one

    parameters = {name: text for name, text in asked.items() if text is not None}
    if csv_file is None:
        if output is not None:
            raise click.UsageError("--output belongs to --csv.")
        return look_up_one(parameters, data_dir, as_json=as_json)
    as_of = parameters.pop("as_of", None)
    if parameters or as_json:
        raise click.UsageError("--csv goes with --output, --as-of and --data only; its rows say what is asked.")
    look_up_csv(csv_file, output, as_of, data_dir)
    return DONE


@commands.command()
@click.option(
    "--static",
    "target",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the site: an empty one, one that is not there yet, or an earlier export, which is replaced.",
)
@click.option("--base-path", "base", default="/", show_default=True, help="Path at which the site will be.")
@click.option(
    "--zoom",
    "most_zoom",
    default=14,
    show_default=True,
    type=click.IntRange(7, 17),
    help="Last zoom of which there are tiles; each more takes four times the files.",
)
@data_option
@json_option
def export(target: Path, base: str, most_zoom: int, data_dir: Path, *, as_json: bool) -> None:
    """Write the whole public site as files, for any web server or CDN."""
    from geo_policing.cli_export import export_static

    export_static(target, data_dir, base=base, most_zoom=most_zoom, as_json=as_json)


minutes_option = click.option(
    "--minutes", default="5,10,15,20", show_default=True, help="Thresholds split by commas, each up to 60."
)
profile_option = click.option(
    "--profile", default="normal", show_default=True, help="normal, response, response_low or response_high."
)
direction_option = click.option("--direction", default="outbound", show_default=True, help="outbound or inbound.")
as_of_option = click.option("--as-of", help="The day whose bases count, as YYYY-MM-DD (default: today).")
close_option = click.option("--close", multiple=True, metavar="BASE", help="Leave out a base; may be repeated.")
open_option = click.option("--open", multiple=True, metavar="LAT,LON", help="Add a base; may be repeated.")
move_option = click.option("--move", multiple=True, metavar="BASE,LAT,LON", help="Move a base; may be repeated.")


def _listed(asked: dict[str, Any]) -> dict[str, list[str]]:
    """Options as lists of texts by name, without those not given."""
    lists = {name: list(v) if isinstance(v, tuple) else [v] for name, v in asked.items() if v is not None}
    return {name: values for name, values in lists.items() if values}


@commands.command()
@click.option("--base", multiple=True, help="The id of a response base; may be repeated. All without any place.")
@click.option("--lat", multiple=True, help="Latitude in degrees (WGS 84), with --lon; may be repeated.")
@click.option("--lon", multiple=True, help="Longitude in degrees (WGS 84), with --lat; may be repeated.")
@click.option("--postcode", multiple=True, help="A live postcode; may be repeated.")
@minutes_option
@profile_option
@direction_option
@click.option("--quality", default="published", show_default=True, help="published or interactive (coarser).")
@click.option("--bands", is_flag=True, help="What lies between two thresholds instead of from zero.")
@close_option
@open_option
@move_option
@as_of_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="FILE.geojson, FILE.gpkg or FILE.html (default: GeoJSON on standard output).",
)
@data_option
def isochrones(output: Path | None, data_dir: Path, *, bands: bool, **asked: Any) -> int:
    """Draw how far one gets by road from bases or points within some minutes."""
    from geo_policing.cli_drive_time import draw_isochrones

    return draw_isochrones(_listed(asked) | {"bands": [str(bands).lower()]}, output, data_dir)


@commands.command()
@minutes_option
@profile_option
@direction_option
@close_option
@open_option
@move_option
@click.option("--scenario", help="What is kept by this name is tried.")
@click.option("--level", help="force, district, ward or beat, split by commas (default: all).")
@click.option("--worst", default="10", show_default=True, help="How many of the worst-served places to name.")
@click.option("--worse-by", default="2", show_default=True, help="Minutes by which a place must get worse to be named.")
@as_of_option
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Answer as CSV on standard output.")
@data_option
def coverage(scenario: str | None, data_dir: Path, *, as_json: bool, as_csv: bool, **asked: Any) -> int:
    """Count residents, postcodes and incidents within reach of the response bases, and try changes to them."""
    from geo_policing.cli_drive_time import show_coverage

    if as_json and as_csv:
        raise click.UsageError("--json and --csv exclude each other.")
    form = "json" if as_json else "csv" if as_csv else "text"
    return show_coverage(_listed(asked), scenario, data_dir, form=form)


@commands.group()
def scenario() -> None:
    """Keep changes to the response bases by name, to compare with today by coverage --scenario."""


@scenario.command("add")
@click.argument("name")
@close_option
@open_option
@move_option
@click.option("--note", default="", help="What it is for.")
@data_option
def add_scenario(name: str, note: str, data_dir: Path, **asked: Any) -> int:
    """Keep a scenario as NAME, in the place of any of that name."""
    from geo_policing.cli_drive_time import add_scenario

    return add_scenario(name, _listed(asked), note, data_dir)


@scenario.command("list")
@data_option
@json_option
def list_scenarios(data_dir: Path, as_json: bool) -> int:
    """List the scenarios."""
    from geo_policing.cli_drive_time import list_scenarios

    return list_scenarios(data_dir, as_json=as_json)


@scenario.command("show")
@click.argument("name")
@minutes_option
@profile_option
@json_option
@data_option
def show_scenario(name: str, data_dir: Path, *, as_json: bool, **asked: Any) -> int:
    """Compare the scenario NAME with today."""
    from geo_policing.cli_drive_time import show_coverage

    return show_coverage(_listed(asked), name, data_dir, form="json" if as_json else "text")


@scenario.command("remove")
@click.argument("name")
@data_option
def remove_scenario(name: str, data_dir: Path) -> int:
    """Forget the scenario NAME."""
    from geo_policing.cli_drive_time import remove_scenario

    return remove_scenario(name, data_dir)


@commands.group()
def datasets() -> None:
    """List the datasets, and choose the one to serve."""


@datasets.command("list")
@data_option
@json_option
def list_datasets(data_dir: Path, as_json: bool) -> int:
    """List the datasets in DIR and say which one is served."""
    from geo_policing.cli_datasets import list_all

    return list_all(data_dir, as_json=as_json)


@datasets.command("use")
@click.argument("version")
@data_option
@json_option
def use_dataset(version: str, data_dir: Path, as_json: bool) -> None:
    """Serve dataset VERSION (or the only one that begins so) from now on; running servers follow."""
    from geo_policing.cli_datasets import use

    use(version, data_dir, as_json=as_json)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and leave the process with its exit code; `arguments` default to the process's own."""
    signal.signal(signal.SIGTERM, _stop)
    code = exit_code_of(lambda: _run(sys.argv[1:] if arguments is None else arguments))
    if code == NO_READER:
        # Python flushes standard output once more at exit, which would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _run(arguments: list[str]) -> int | None:
    with commands.make_context(NAME, arguments) as context:
        result: Any = commands.invoke(context)
    sys.stdout.flush()
    return result if isinstance(result, int) else None


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """On TERM, leave by way of every `finally`, so that nothing half-made stays."""
    raise SystemExit(TERMINATED)


if __name__ == "__main__":
    main()
