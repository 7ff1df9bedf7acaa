"""Answers for postcodes: the point decides first, the shares follow (docs/data.md says why)."""

from __future__ import annotations

import math
from typing import Any

from geo_policing.datasets.findings import TERMINATED_ABSENT
from geo_policing.datasets.schema import PostcodeStatus
from geo_policing.domain.areas import District
from geo_policing.domain.postcodes import PostcodeReading
from geo_policing.services.answers import Answer, Correction, Note, NoteCode, Outcome
from geo_policing.services.locating import snapped
from geo_policing.services.methods import Method
from geo_policing.services.ready import Ready
from geo_policing.wording import sentences, worded


def answer_postcode(ready: Ready, row: int, reading: PostcodeReading, typed: str) -> Answer:
    """The answer for a postcode whose row in the data is known (-1: the data has none such)."""
    asked = str(reading.postcode)
    correction = Correction(typed, asked) if reading.corrected else None
    if row < 0:
        return _unknown(ready, reading, asked, correction)
    postcodes = ready.postcodes.columns
    status = int(postcodes["status"][row])
    if status != PostcodeStatus.LIVE:
        return _without_place(ready, status, asked, correction)
    notes = _notes(ready, row, asked)
    accuracy_m = float(postcodes["accuracy_m"][row])
    fields: dict[str, Any] = {
        "asked": asked,
        "correction": correction,
        "accuracy_m": None if math.isnan(accuracy_m) else accuracy_m,
        "notes": notes,
    }
    unit = int(postcodes["unit"][row])
    if unit < 0:
        neighbour, method = _neighbour(ready, row)
        return ready.outside(neighbour, method=method, **fields)
    shares = ready.postcodes.shares.of(row)
    if not shares:
        return ready.in_unit(unit, method=Method.POSTCODE_POINT, **fields)
    return ready.located(shares, first_unit=unit, method=share_method(ready), **fields)


_SHARE_METHODS = {
    "voronoi_area": Method.POSTCODE_VORONOI_AREA,
    "addresses": Method.POSTCODE_ADDRESSES,
    "given": Method.POSTCODE_GIVEN,
}


def share_method(ready: Ready) -> Method:
    """The method of postcodes that have shares, from the way the manifest says they were made."""
    return _SHARE_METHODS[ready.dataset.manifest["postcode_share_method"]]


def _notes(ready: Ready, row: int, asked: str) -> tuple[Note, ...]:
    postcodes = ready.postcodes.columns
    notes = []
    apart_m = float(postcodes["snapped_m"][row])
    if apart_m > 0:
        notes.append(snapped(asked, apart_m))
    if postcodes["large_user"][row]:
        notes.append(large_user_note(asked))
    if ready.status_unknown[row]:
        notes.append(status_unknown_note(asked))
    return tuple(notes)


def large_user_note(asked: str) -> Note:
    """The note for the postcode of one organisation."""
    text = worded(
        "%(asked)s belongs to one organisation that receives much post, perhaps elsewhere than where it works.",
        asked=asked,
    )
    return Note(NoteCode.LARGE_USER, text)


def status_unknown_note(asked: str) -> Note:
    """The note for a postcode from data that does not tell live ones from those that ended."""
    text = worded("Our data does not say whether %(asked)s is still in use; it may have ended.", asked=asked)
    return Note(NoteCode.STATUS_UNKNOWN, text)


def _neighbour(ready: Ready, row: int) -> tuple[District | None, Method]:
    """The district over the border: the source's own word for it, else the polygon that holds the point."""
    postcodes, districts = ready.postcodes.columns, ready.districts
    named = districts.row_of_code.get(str(postcodes["district_code"][row]))
    if named is not None and not districts.inside[named]:
        return districts.districts[named], Method.POSTCODE_DISTRICT_CODE
    easting, northing = float(postcodes["easting"][row]), float(postcodes["northing"][row])
    if math.isnan(easting):
        return None, Method.POSTCODE_STATUS
    return ready.neighbour_at(easting, northing), Method.POSTCODE_POINT


def _without_place(ready: Ready, status: int, asked: str, correction: Correction | None) -> Answer:
    if status == PostcodeStatus.TERMINATED:
        message: str = worded(
            "%(asked)s is no longer in use, so it cannot be placed. Try a newer postcode, a street or a place.",
            asked=asked,
        )
        return ready.answer(
            Outcome.TERMINATED, method=Method.POSTCODE_STATUS, asked=asked, correction=correction, message=message
        )
    message = unlocated_message(asked)
    return ready.answer(
        Outcome.NOT_FOUND,
        method=Method.POSTCODE_STATUS,
        asked=asked,
        correction=correction,
        message=message,
        field="postcode",
        notes=(Note(NoteCode.UNLOCATED, message),),
    )


def unlocated_message(asked: str) -> str:
    """What is said of a postcode without a position."""
    return worded(
        "%(asked)s is a postcode, but our data does not say where it is. Try a street or a place.", asked=asked
    )


def unknown_message(ready: Ready, asked: str, outward: str, *, doubt: str, outward_known: bool) -> str:
    """What is said of a postcode that the data has not got: why there can be none such, else what its absence means."""
    message, advice = doubt, worded("Check it, or try a street or a place.")
    if not message and ready.dataset.approximate:
        # The starter knows a handful: a true postcode of the force must not be told that it may lie outside.
        message = worded(
            "This approximate data knows only a few postcodes, and %(asked)s is not one of them.", asked=asked
        )
        advice = worded("Try your village, town or city.")
    if not message and not outward_known:
        message = worded(
            "Our data has no postcode that begins with %(begin)s. %(asked)s may lie outside the area of %(force)s.",
            begin=outward,
            asked=asked,
            force=ready.force.name,
        )
    if not message and TERMINATED_ABSENT in ready.absent:
        message = worded(
            "Our data does not have the postcode %(asked)s. It may be new, or no longer in use.", asked=asked
        )
    if not message:
        message = worded("Our data does not have the postcode %(asked)s. It may be new.", asked=asked)
    return sentences(message, advice)


def _unknown(ready: Ready, reading: PostcodeReading, asked: str, correction: Correction | None) -> Answer:
    outward = reading.postcode.outward
    known = outward in ready.postcodes.outward_parts
    return ready.answer(
        Outcome.NOT_FOUND,
        method=Method.POSTCODE_STATUS,
        asked=asked,
        correction=correction,
        message=unknown_message(ready, asked, outward, doubt=reading.doubt, outward_known=known),
        field="postcode",
    )
