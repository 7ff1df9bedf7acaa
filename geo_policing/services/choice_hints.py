"""What helps a resident to choose between the beats of a split postcode: streets and places nearby in each."""

from __future__ import annotations

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.services.answers import Answer, Outcome
from geo_policing.services.indexes import postcode_index
from geo_policing.services.view import View

NAMES_SHOWN = 4
# Streets further off than this are not what somebody in the postcode knows.
WITHIN_M = 2_500.0


def names_near(view: View, answer: Answer) -> dict[str, tuple[str, ...]]:
    """By beat id, the streets and settlements nearest to the asked postcode that lie in that beat alone.

    A beat without any is absent; empty for an answer that is not MANY or was not asked by a located postcode.
    """
    plan = view.plan
    row = _postcode_row(view.dataset, answer.asked) if answer.outcome is Outcome.MANY else -1
    if plan is None or row < 0:
        return {}
    places, shares = view.dataset["places"], view.dataset["place_units"]
    if len(shares) == 0:
        return {}
    index_of = {beat.id: i for i, beat in enumerate(plan.beats)}
    beat_of_share = plan.beat_of_unit[shares["unit"]]
    distance_m = np.hypot(
        places["easting"] - view.dataset["postcodes"]["easting"][row],
        places["northing"] - view.dataset["postcodes"]["northing"][row],
    )
    near = (distance_m <= WITHIN_M) & np.isin(places["kind"], ("street", "settlement"))
    beats_of_place = [
        set(shares["place"][(beat_of_share == index_of[c.beat.id]) & near[shares["place"]]].tolist())
        for c in answer.candidates
    ]
    hints = {}
    for candidate, own in zip(answer.candidates, beats_of_place, strict=True):
        others = set().union(*(rows for rows in beats_of_place if rows is not own))
        rows = sorted(own - others, key=lambda r: float(distance_m[r]))
        names = tuple(dict.fromkeys(places["name"][rows].tolist()))[:NAMES_SHOWN]
        if names:
            hints[candidate.beat.id] = names
    return hints


def _postcode_row(dataset: Dataset, asked: str) -> int:
    """The row of the located postcode `asked`, -1 where it is none."""
    row = postcode_index(dataset).find(asked.replace(" ", ""))
    return -1 if row < 0 or np.isnan(dataset["postcodes"]["easting"][row]) else row
