"""Findings and absences as the manifest holds them."""

from __future__ import annotations

from geo_policing.datasets.findings import Absence, Finding, found


def test_a_finding_counts_everything_but_shows_only_a_few() -> None:
    finding = Finding.of("things", (f"t{i}" for i in range(9)), "why")
    assert finding.to_mapping() == {
        "what": "things",
        "count": 9,
        "why": "why",
        "examples": ["t0", "t1", "t2", "t3", "t4"],
    }


def test_findings_that_count_nothing_are_left_out() -> None:
    some = Finding("a", 1, "why")
    assert found([Finding.of("b", [], "why"), some]) == (some,)


def test_an_absence_says_what_and_its_effect() -> None:
    assert Absence("wards", "no search").to_mapping() == {"what": "wards", "effect": "no search"}
