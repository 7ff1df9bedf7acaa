"""What docs/police-uk.md shows is what is answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geo_policing.api import police_uk_schemas
from tests.support.live import NOON
from tests.support.told import write_told
from tests.support.web import app_over

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "police-uk.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```\nGET (/api/\S+)\n```\n\n```json\n(.*?)\n```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("told")
    write_told(folder)
    return app_over(folder, now=NOON).test_client()


def test_there_are_examples():
    assert len(EXAMPLES) == TEXT.count("\nGET /api/") == 5


@pytest.mark.parametrize(("path", "shown"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_an_example_is_true(client: FlaskClient, path: str, shown: str):
    assert client.get(path).get_json() == json.loads(shown)


def test_every_member_is_spoken_of():
    members = {
        name
        for schema in ("PoliceUkForce", "PoliceUkNeighbourhood", "PoliceUkPerson", "PoliceUkEvent", "PoliceUkPriority")
        for name in police_uk_schemas.SCHEMAS[schema]["properties"]
    }
    assert not {name for name in members if f"`{name}`" not in TEXT and f'"{name}"' not in TEXT}
