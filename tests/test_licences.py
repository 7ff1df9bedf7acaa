"""Every package that is installed to serve has a licence that lets anybody use it, as its own metadata says."""

from __future__ import annotations

import configparser
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PERMISSIVE = ("MIT", "BSD", "Apache", "ISC", "PSF", "Python Software Foundation", "Zlib", "0BSD", "Unlicense", "CC0")
# As whole words: "limited" is not MIT. A number may follow without a space ("BSD3").
_NAMES = re.compile(rf"(?<![a-z])(?:{'|'.join(map(re.escape, PERMISSIVE))})(?![a-z])", re.IGNORECASE)
COPYLEFT = re.compile(r"\bA?GPL|General Public License", re.IGNORECASE)
# What is neither, each with the reason why it may stay.
REASONS = {
    "xstatic-leaflet": 'It says "same as Leaflet"; Leaflet 1.9 is BSD-2-Clause, the packaging MIT.',
    "certifi": "MPL-2.0 covers its own file of certificates only; it is used unchanged (requests, for osmium).",
}


def locked(lock: str) -> dict[str, str]:
    """Name to version of what `lock` pins for the running Python."""
    pins = re.findall(
        r"^([a-z0-9][a-z0-9-]*)==([^ ;\\]+)(?: ; ([^\\]*?))? \\$", (ROOT / lock).read_text(), re.MULTILINE
    )
    from packaging.markers import Marker

    return {name: version for name, version, marker in pins if not marker or Marker(marker).evaluate()}


RUNTIME = locked("requirements.lock")


def licences_of(package: Distribution) -> list[str]:
    """Everything that a package's metadata says of its licence, most exact first."""
    metadata = package.metadata
    said = [metadata["License-Expression"]] if metadata["License-Expression"] else []
    said += [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier") or () if c.startswith("License ::")]
    first_line = (metadata["License"] or "").strip().partition("\n")[0]
    return [licence for licence in [*said, first_line] if licence and licence != "OSI Approved"]


def is_permissive(licence: str) -> bool:
    """True where each part of an expression that must be kept is permissive; of parts joined by OR one is enough."""
    return any(
        all(_NAMES.search(part) and not COPYLEFT.search(part) for part in re.split(r"\bAND\b", choice))
        for choice in re.split(r"\bOR\b", licence)
    )


def installed(name: str) -> Distribution:
    try:
        return distribution(name)
    except PackageNotFoundError:
        pytest.fail(f"{name} is locked but not installed: run scripts/test, which installs the lock")


def objection(package: Distribution) -> str:
    """Why a package may not be served with, "" where it may: an expression is exact, classifiers must all do."""
    said = licences_of(package)
    if not said:
        return "says nothing of its licence; read its files and add it to REASONS"
    decisive = said[:1] if package.metadata["License-Expression"] else said
    first_is_open = is_permissive(decisive[0])
    copyleft = [licence for licence in decisive if COPYLEFT.search(licence) and not is_permissive(licence)]
    return "" if first_is_open and not copyleft else f"not permissive: {said}"


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_the_licence_is_permissive(name: str):
    assert not objection(installed(name)) or name in REASONS, f"{name}: {objection(installed(name))}"


@pytest.mark.parametrize(
    ("lines", "allowed"),
    [
        (["License-Expression: MIT"], True),
        (["License-Expression: GPL-3.0-or-later"], False),
        (["License-Expression: AGPL-3.0-only OR MIT"], True),
        (["Classifier: License :: OSI Approved :: BSD License"], True),
        (["Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], False),
        (
            ["Classifier: License :: OSI Approved :: MIT License", "Classifier: License :: OSI Approved :: AGPLv3"],
            False,
        ),
        (["License: GNU Lesser General Public License"], False),
        (["License: Use is limited to evaluation"], False),
        ([], False),
    ],
)
def test_a_package_that_is_not_permissive_is_objected_to(tmp_path: Path, lines: list[str], allowed: bool):
    folder = tmp_path / "made_up-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("\n".join(["Metadata-Version: 2.4", "Name: made-up", "Version: 1", *lines]) + "\n")
    assert (objection(Distribution.at(folder)) == "") is allowed


@pytest.mark.parametrize("name", sorted(REASONS))
def test_each_reason_is_still_needed(name: str):
    assert name in RUNTIME, f"{name} is no longer locked; take it out of REASONS"
    assert not is_permissive(licences_of(installed(name))[0])


def test_the_tests_run_on_what_is_served():
    tested = locked("requirements-test.lock")
    assert {name: tested.get(name) for name in RUNTIME} == RUNTIME


def test_what_is_installed_is_what_is_locked():
    tested = locked("requirements-test.lock")
    differing = {name: (version, installed(name).version) for name, version in tested.items()}
    assert not {name: pair for name, pair in differing.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_every_pin_has_hashes_and_no_index(lock: str):
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize(
    ("section", "option", "lock"),
    [
        ("options", "install_requires", "requirements.lock"),
        ("options.extras_require", "test", "requirements-test.lock"),
        ("options.extras_require", "dev", "requirements-test.lock"),
    ],
)
def test_every_declared_requirement_is_locked(section: str, option: str, lock: str):
    from packaging.requirements import Requirement

    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = [line for line in config[section][option].splitlines() if line and not line.startswith("#")]
    wanted = [Requirement(line) for line in lines if not line.startswith("geo-policing")]
    assert wanted
    pins = locked(lock)
    for requirement in wanted:
        version = pins.get(requirement.name.lower())
        assert version, f"{requirement} is not locked: run scripts/lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}: run scripts/lock"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-2.0", True),
        ("BSD-3-Clause AND MIT", True),
        ("MIT AND LGPL-2.1", False),
        ("GPL-3.0-only", False),
        ("MPL-2.0", False),
    ],
)
def test_expressions_are_read_right(expression: str, expected: bool):
    assert is_permissive(expression) is expected
