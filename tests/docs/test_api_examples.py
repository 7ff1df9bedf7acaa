"""What docs/api.md shows is what the API answers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from geo_policing.api.app import create_app
from geo_policing.clock import Clock
from geo_policing.config import Settings
from geo_policing.services import scenarios
from geo_policing.services.drive_params import read_trial
from tests.support.live import NOON, tiny_live
from tests.support.tiny_roads import tiny_road_live

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
    shown = re.search(r"```csv\n(name,postcode.*?)```", TEXT, re.DOTALL)
    assert shown is not None
    asked = "".join(",".join(line.split(",")[:2]) + "\n" for line in shown[1].splitlines())
    answered = client.post("/api/v1/lookup", data=asked.encode(), content_type="text/csv").get_data(as_text=True)
    assert answered.replace("\r\n", "\n") == shown[1]


DRIVE = TEXT[TEXT.index("\n## Drive time\n") : TEXT.index("\n## For every request")]
ASKED = re.findall(r"```\n(GET|POST) (/api/v1/\S+)\n(\{.*?\}\n)?```\n\n```(json|csv)\n(.*?)```", DRIVE, re.DOTALL)
LEFT_OUT = "…"


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    folder = tmp_path_factory.mktemp("drive")
    live = tiny_road_live(folder, Clock.fixed(NOON))
    trial = read_trial({"close": ["eastham-station-response-base"]})
    scenarios.keep(live, "Without Eastham", trial, note="For the March meeting", actor="test")
    live.close()
    return create_app(Settings(data_dir=folder), Clock.fixed(NOON)).test_client()


def assert_shown(answered: Any, shown: Any, at: str = "") -> None:
    """What is shown is what is answered, but for what "…" stands for: a value, or the other members of an object."""
    if shown == LEFT_OUT:
        return
    if isinstance(shown, dict):
        more = LEFT_OUT in shown
        named = {name for name in shown if name != LEFT_OUT}
        assert named <= set(answered) if more else named == set(answered), at
        for name in named:
            assert_shown(answered[name], shown[name], f"{at}.{name}")
    elif isinstance(shown, list):
        assert len(answered) == len(shown), at
        for i, (one, other) in enumerate(zip(answered, shown, strict=True)):
            assert_shown(one, other, f"{at}[{i}]")
    else:
        assert answered == shown, at


def test_every_way_to_ask_for_drive_times_has_an_example():
    assert len(ASKED) == len(re.findall(r"^(?:GET|POST) /api", DRIVE, re.MULTILINE)) >= 9
    listed = set(re.findall(r"^\| `((?:GET|POST) /api/v1/\S+)`", DRIVE, re.MULTILINE))
    assert listed == {f"{method} {path.partition('?')[0]}" for method, path, *_ in ASKED}


@pytest.mark.parametrize(("method", "path", "body", "kind", "shown"), ASKED, ids=[f"{a[0]} {a[1]}" for a in ASKED])
def test_a_drive_time_example_is_true(drive: FlaskClient, method: str, path: str, body: str, kind: str, shown: str):
    response = drive.post(path, json=json.loads(body)) if method == "POST" else drive.get(path)
    if kind == "csv":
        assert response.text.replace("\r\n", "\n") == shown
    else:
        assert_shown(json.loads(response.data), json.loads(shown))


def test_every_parameter_and_member_is_explained(client: FlaskClient):
    from geo_policing.services.queries import PARAMETERS

    members = set(client.get("/api/v1/lookup?postcode=ZZ1+1AA").get_json())
    assert not {name for name in PARAMETERS | members if f"`{name}`" not in TEXT}


@pytest.mark.parametrize("page", [DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *DOCS.glob("*.md")])
def test_links_between_the_documents_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing, f"{page.name}: {missing}"
