"""The settings by which an operator says who they are, where reports go and how the public reaches the service."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_policing.api.operator import Operator
from geo_policing.config import Settings
from geo_policing.errors import ConfigError


def settings(**environ: str) -> Settings:
    return Settings.from_env(data_dir=Path("data"), environ={f"GEO_POLICING_{k}": v for k, v in environ.items()})


def test_nothing_is_said_unless_the_operator_says_it() -> None:
    operator = Operator.of(settings())
    assert operator == Operator("", "", "", 0)
    assert operator.report_link("Wrong") == ""
    assert operator.whole("/beat/market") == "/beat/market"


def test_what_the_operator_says_is_taken() -> None:
    given = settings(
        OPERATOR=" Fen Trust ", CONTACT="web@police.example", PUBLIC_URL="https://police.example:8443/", LOG_DAYS="14"
    )
    assert Operator.of(given) == Operator("Fen Trust", "web@police.example", "https://police.example:8443", 14)


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("CONTACT", "police"),
        ("CONTACT", "web@police"),
        ("CONTACT", "a b@police.example"),
        ("CONTACT", "<x@police.example>"),
        ("CONTACT", "ftp://police.example"),
        ("CONTACT", "javascript:alert(1)"),
        ("CONTACT", "https://"),
        ("CONTACT", "https://police.example:port/"),
        ("CONTACT", "https://me:secret@police.example/"),
        ("PUBLIC_URL", "police.example"),
        ("PUBLIC_URL", "https://police.example/team"),
        ("PUBLIC_URL", "https://police.example?x=1"),
        ("OPERATOR", "a\nb"),
        ("OPERATOR", "x" * 301),
        ("LOG_DAYS", "0"),
        ("LOG_DAYS", "soon"),
    ],
)
def test_a_wrong_value_is_named(name: str, bad: str) -> None:
    with pytest.raises(ConfigError, match=f"GEO_POLICING_{name}="):
        settings(**{name: bad})


def test_a_mail_carries_its_subject_quoted() -> None:
    operator = Operator("", "web@police.example", "", 0)
    assert operator.has_email
    assert operator.report_link("Beat: Fen & End?") == "mailto:web@police.example?subject=Beat%3A%20Fen%20%26%20End%3F"
    assert operator.contact_shown == "web@police.example"


def test_a_form_of_the_operators_is_linked_as_it_is() -> None:
    operator = Operator("", "https://police.example/report/", "", 0)
    assert not operator.has_email
    assert operator.report_link("Anything") == "https://police.example/report/"
    assert operator.contact_shown == "police.example/report"


def test_whole_addresses_begin_with_the_public_one() -> None:
    assert Operator("", "", "https://police.example", 0).whole("/pl/") == "https://police.example/pl/"
