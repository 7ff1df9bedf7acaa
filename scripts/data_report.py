"""Says how true a dataset is: figures and every exception, as the section of docs/data.md between two marks.

Run by scripts/report-data. Nothing in it is a coordinate from a publisher's file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_policing.datasets.build import build_dataset
from geo_policing.datasets.dataset import Dataset
from geo_policing.datasets.schema import PostcodeStatus

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "data.md"
BEGIN, END = "<!-- report-data: begin -->", "<!-- report-data: end -->"
GENERALISED_M = 20.0
"""ONS generalises its BGC outlines to 20 m, so a point nearer to one than this may lie on either side of it."""


def truth(dataset: Dataset) -> dict[str, Any]:
    """How the dataset's districts compare with the ones that the postcode file itself gives.

    `expected` live postcodes are in the force by the file's own code; `agree` of them have a unit of that district.
    `exceptions` are these and those that only the unit places in the force: (postcode, own, unit's, reason).
    `agree_by_largest_share` takes the unit with the largest share instead of the one that holds the point.
    """
    postcodes, districts = dataset["postcodes"], dataset["districts"]
    of_unit = np.append(districts["code"][dataset["units"]["district"]], "")
    by_point = of_unit[postcodes["unit"]]
    own = postcodes["district_code"]
    live = postcodes["status"] == PostcodeStatus.LIVE
    expected = live & np.isin(own, districts["code"][districts["inside"]])
    disputed = np.flatnonzero(live & (own != by_point) & (expected | (by_point != "")))
    by_share = of_unit[_largest_unit(dataset)]
    return {
        "expected": int(expected.sum()),
        "agree": int((expected & (own == by_point)).sum()),
        "agree_by_largest_share": int((expected & (own == by_share)).sum()),
        "exceptions": [_exception(dataset, int(row), str(by_point[row])) for row in disputed],
    }


def report(dataset: Dataset) -> str:
    """The section in Markdown: what was built, how it fits, and how true it is."""
    counts, figures = dataset.manifest["counts"], truth(dataset)
    lines = [
        (
            f"{counts['units']:,} units in {counts['districts_inside']} districts of the force, "
            f"{counts['districts_outside']} districts over the border, {counts['wards']} wards, "
            f"{counts['lsoas']} LSOAs, {counts['residents']:,} residents."
        ),
        (
            f"{counts['postcodes']:,} postcodes: {counts['postcodes_live']:,} live, "
            f"{counts['postcodes_terminated']:,} terminated, {counts['postcodes_unlocated']:,} without a location. "
            f"{counts['postcodes_live_inside']:,} live ones lie in the force; "
            f"{counts['postcodes_live_shared']:,} of them reach into more than one unit."
        ),
        f"{counts['places']:,} places and streets to search for, made of {counts['roads']:,} roads.",
        "",
        *_fit(dataset),
        "",
        *_truth(figures),
        "",
        *_findings(dataset.manifest),
    ]
    return "\n".join(lines) + "\n"


def _largest_unit(dataset: Dataset) -> np.ndarray:
    """For each postcode the unit with its largest share, -1 where it has none."""
    shares = dataset["postcode_units"]
    largest = np.full(len(dataset["postcodes"]), -1)
    order = np.argsort(shares["share"], kind="stable")
    largest[shares["postcode"][order]] = shares["unit"][order]
    return largest


def _exception(dataset: Dataset, row: int, by_point: str) -> tuple[str, str, str, str]:
    postcodes, districts = dataset["postcodes"], dataset["districts"]
    own = str(postcodes["district_code"][row])
    point = shapely.Point(postcodes["easting"][row], postcodes["northing"][row])
    outlines = dict(zip(districts["code"].tolist(), districts["geometry"], strict=True))
    if own not in outlines:
        reason = "its own district is not among the outlines"
    else:
        apart_m = float(outlines[own].distance(point))
        where = "in it by the district's outline" if apart_m == 0 else f"{apart_m:.1f} m outside its own district"
        near = min(apart_m, float(outlines[own].boundary.distance(point))) <= GENERALISED_M
        because = f"within the {GENERALISED_M:.0f} m to which outlines are generalised" if near else "not on a boundary"
        reason = f"its point lies {where}, {because}"
    return str(postcodes["postcode"][row]), own, by_point or "none", reason


def _fit(dataset: Dataset) -> list[str]:
    agreement = dataset.manifest["agreement"]
    names = dict(zip(dataset["districts"]["code"].tolist(), dataset["districts"]["name"].tolist(), strict=True))
    rows = [
        f"| {names[d['district']]} | {d['units']} | {d['iou']:.4f} | {d['units_only_km2']:.2f} | "
        f"{d['districts_only_km2']:.2f} | {d['contiguous_parts']} |"
        for d in agreement["districts"]
    ]
    return [
        f"Units against districts: intersection over union {agreement['iou']:.4f}.",
        "",
        "| district | units | IoU | km² only in units | km² only in the district | parts that hang together |",
        "| --- | --- | --- | --- | --- | --- |",
        *rows,
    ]


def _truth(figures: Mapping[str, Any]) -> list[str]:
    expected, agree = figures["expected"], figures["agree"]
    by_share = figures["agree_by_largest_share"]
    return [
        (
            f"Of {expected:,} live postcodes that the file itself places in the force, the unit at the point has the "
            f"file's own district for {agree:,} ({agree / expected:.3%}); the largest Voronoi share would for "
            f"{by_share:,} ({by_share / expected:.2%}). Every exception, on either side of the border:"
        ),
        "",
        "| postcode | the file's district | the unit's district | reason |",
        "| --- | --- | --- | --- |",
        *[f"| {code[:-3]} {code[-3:]} | {own} | {unit} | {why} |" for code, own, unit, why in figures["exceptions"]],
    ]


def _findings(manifest: Mapping[str, Any]) -> list[str]:
    lines = ["What the build reported:", ""]
    lines += [f"- repaired: {f['what']}: {f['count']:,} ({f['why']})" for f in manifest["repaired"]]
    lines += [f"- left out: {f['what']}: {f['count']:,} ({f['why']})" for f in manifest["dropped"]]
    lines += [f"- absent: {a['what']}. {a['effect']}" for a in manifest["absent"]]
    return lines


def with_section(document: str, section: str) -> str:
    """`document` with what stands between the marks replaced by `section`; ValueError where the marks are not there."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT} has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n{section}{END}{after}"


def main() -> int:
    """Build the sources and print the section, or put it into docs/data.md."""
    parser = argparse.ArgumentParser(prog="scripts/report-data", description=__doc__)
    parser.add_argument("--sources", type=Path, required=True, help="folder with the publishers' files")
    parser.add_argument("--write", action="store_true", help="put the section into docs/data.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        section = report(build_dataset(options.sources, Path(folder)))
    if options.write:
        DOCUMENT.write_text(with_section(DOCUMENT.read_text(encoding="utf-8"), section), encoding="utf-8")
    else:
        sys.stdout.write(section)
    return 0


if __name__ == "__main__":
    sys.exit(main())
