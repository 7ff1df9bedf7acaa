"""`geo-policing isochrones`, `coverage` and `scenario`: drive time on the command line."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import orjson

from geo_policing.cli_exits import DONE, printable
from geo_policing.cli_lookup import written
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.domain.scenarios import Scenario
from geo_policing.errors import InvalidInputError
from geo_policing.services import scenarios
from geo_policing.services.coverage import coverage, parse_coverage
from geo_policing.services.coverage_table import to_csv
from geo_policing.services.drive_params import NO_TRIAL, read_trial
from geo_policing.services.isochrones import Isochrones, isochrones, parse_isochrones, to_geojson
from geo_policing.services.live import Live
from geo_policing.services.view import View

Lists = dict[str, list[str]]
BAR_WIDTH = 20


def draw_isochrones(params: Lists, output: Path | None, data_dir: Path) -> int:
    """Write the isochrones of `params` to `output`, whose suffix says the form; GeoJSON to standard output for None.

    InvalidInputError for an unknown suffix and for parameters that cannot be read; the errors of `isochrones`.
    """
    suffix = ".geojson" if output is None or str(output) == "-" else output.suffix.lower()
    if suffix not in (".geojson", ".json", ".gpkg", ".html"):
        raise InvalidInputError(f"{output}: give a name that ends in .geojson, .gpkg or .html.")
    query = parse_isochrones(params)
    with _live(data_dir) as live:
        view = live.view(query.driving.as_of)
        content = _as_file(view, isochrones(view, query), suffix)
    with written(output) as file:
        file.write(content)
    return DONE


def _as_file(view: View, found: Isochrones, suffix: str) -> bytes:
    if suffix == ".gpkg":
        from geo_policing.maps.geopackage import isochrones_geopackage

        return isochrones_geopackage(found)
    if suffix == ".html":
        from geo_policing.maps.isochrone_map import isochrones_html

        return isochrones_html(view, found)
    return to_geojson(found)


def show_coverage(params: Lists, scenario: str | None, data_dir: Path, *, form: str) -> int:
    """Who is within reach, as `form` ("text", "json" or "csv"), with the trial in `params` or the kept `scenario`."""
    query = parse_coverage(params)
    with _live(data_dir) as live:
        if scenario is not None:
            if query.trial != NO_TRIAL:
                raise InvalidInputError("--scenario says what is tried; leave out --close, --open and --move.")
            query = replace(query, trial=scenarios.trial_kept(live, scenario))
        content = coverage(live.view(query.driving.as_of), query)
    if form == "json":
        click.echo(orjson.dumps(content, option=orjson.OPT_INDENT_2))
    elif form == "csv":
        click.echo(to_csv(content), nl=False)
    else:
        click.echo(printable(in_words(content)))
    return DONE


def in_words(content: dict[str, Any]) -> str:
    """The answer for a person at a terminal: a chart of shares by area, then places by name."""
    lines = []
    for area in content["areas"]:
        if area["level"] in ("force", "district"):
            lines += _area_lines(area)
    if content["worst_served"]:
        lines += ["", "Longest drives (half of the residents are farther):"]
    lines += [
        f"  {place['name']}, {place['district'] or place['near']}: {_minutes(place['median_s'])}"
        for place in content["worst_served"]
    ]
    if content["unreached"]:
        names = ", ".join(place["name"] for place in content["unreached"])
        lines += ["", f"No road in the data leads to most of: {names}."]
    if content["change"] is not None:
        lines += ["", *_change_lines(content["change"])]
    return "\n".join([*lines, "", content["assumption"], content["attribution"]])


def _area_lines(area: dict[str, Any]) -> list[str]:
    lines = [f"{area['name']}: {area['residents']:,} residents"]
    for within in area["within"]:
        share = within["residents_share"] or 0.0
        bar = ("#" * round(share * BAR_WIDTH)).ljust(BAR_WIDTH, ".")
        text = f"  {within['minutes']:>4} min {bar} {share:>6.1%} {within['residents']:>9,}"
        if "residents_gained" in within:
            text += f"  +{within['residents_gained']:,} -{within['residents_lost']:,}"
        lines.append(text)
    return lines


def _change_lines(change: dict[str, Any]) -> list[str]:
    by = f"{change['worse_by_minutes']:g} minutes"
    worse, better = change["residents_worse"], change["residents_better"]
    line = f"{worse:,} residents get farther by more than {by}, {better:,} nearer by more than {by}."
    return [line] + [
        f"  {place['name']}: {_minutes(place['median_before_s'])} to {_minutes(place['median_s'])}"
        for place in change["places_worse"]
    ]


def _minutes(seconds: float | None) -> str:
    return "no way" if seconds is None else f"{seconds / 60:.0f} min"


def add_scenario(name: str, params: Lists, note: str, data_dir: Path) -> int:
    """Keep a scenario, and say so."""
    trial = read_trial(params)
    with _live(data_dir) as live:
        kept = scenarios.keep(live, name, trial, note=note, actor=getpass.getuser())
    click.echo(printable(f"Kept {scenario_in_words(kept)}"))
    return DONE


def list_scenarios(data_dir: Path, *, as_json: bool) -> int:
    """Every scenario, one a line."""
    with _live(data_dir) as live:
        found = scenarios.kept(live)
    if as_json:
        click.echo(orjson.dumps([scenarios.to_json(s) for s in found], option=orjson.OPT_INDENT_2))
    elif not found:
        click.echo("No scenario is kept. geo-policing scenario add NAME --close BASE keeps one.")
    else:
        click.echo(printable("\n".join(scenario_in_words(s) for s in found)))
    return DONE


def remove_scenario(name: str, data_dir: Path) -> int:
    """Forget a scenario, and say so."""
    with _live(data_dir) as live:
        scenarios.forget(live, name, actor=getpass.getuser())
    click.echo(printable(f"Removed {name}."))
    return DONE


def scenario_in_words(scenario: Scenario) -> str:
    """One line: what closes, opens and moves."""
    parts = [f"close {base_id}" for base_id in scenario.close]
    parts += [f"open {lat:g},{lon:g}" for lat, lon in scenario.open]
    parts += [f"move {base_id} to {lat:g},{lon:g}" for base_id, lat, lon in scenario.move]
    return f"{scenario.name}: {'; '.join(parts)}" + (f" ({scenario.note})" if scenario.note else "")


@contextmanager
def _live(data_dir: Path) -> Iterator[Live]:
    with closing(Live(Settings.from_env(data_dir=data_dir), Clock())) as live:
        yield live
