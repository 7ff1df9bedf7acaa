"""What docs/api.md shows is what the API answers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geo_policing.api.app import create_app
from geo_policing.clock import Clock
from geo_policing.config import Settings
from tests.support.live import NOON, tiny_live

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```\nGET (/api/v1/lookup\?\S+)\n```\n\n```json\n(.*?)\n```", TEXT, re.DOTALL)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("docs")
    tiny_live(folder).close()
    return create_app(Settings(data_dir=folder), Clock.fixed(NOON)).test_client()


def test_there_are_examples():
    assert len(EXAMPLES) == TEXT.count("\nGET /api/v1/lookup?") >= 4


@pytest.mark.parametrize(("path", "shown"), EXAMPLES, ids=[path for path, _ in EXAMPLES])
def test_an_example_is_true(client: FlaskClient, path: str, shown: str):
    answered, expected = client.get(path).get_json(), json.loads(shown)
    # These change with every build and every request.
    for member in ("data_version", "request_id"):
        assert (member in answered) == (member in expected)
        answered.pop(member, None)
        expected.pop(member, None)
    assert answered == expected


def test_the_csv_example_is_true(client: FlaskClient):
    shown = re.search(r"```csv\n(.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    asked = "".join(",".join(line.split(",")[:2]) + "\n" for line in shown[1].splitlines())
    answered = client.post("/api/v1/lookup", data=asked.encode(), content_type="text/csv").get_data(as_text=True)
    assert answered.replace("\r\n", "\n") == shown[1]


def test_every_parameter_and_member_is_explained(client: FlaskClient):
    from geo_policing.services.queries import PARAMETERS

    members = set(client.get("/api/v1/lookup?postcode=ZZ1+1AA").get_json())
    assert not {name for name in PARAMETERS | members if f"`{name}`" not in TEXT}


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *DOCS.glob("*.md")])
def test_links_between_the_documents_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing, f"{page.name}: {missing}"
