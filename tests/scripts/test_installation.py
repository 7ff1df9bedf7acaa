"""The two commands on a fresh checkout, and the wheel in a fresh environment, as a stranger would have them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from pathlib import Path

import pytest

from tests.support.serving import free_port, serving

ROOT = Path(__file__).resolve().parent.parent.parent
FIRST_START_S = 180


def checkout(target: Path) -> Path:
    """This tree's files that git knows or would take, without anything that was made from them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def plain_environment(**more: str) -> dict[str, str]:
    """The environment without what a developer's or this test's own would bring in."""
    ours = ("PYTHON", "VIRTUAL_ENV", "GEO_POLICING", "COVERAGE", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)} | more


@pytest.mark.slow
def test_scripts_serve_from_a_fresh_checkout(tmp_path: Path):
    root = checkout(tmp_path / "a checkout")
    port = free_port()
    command = [root / "scripts/serve", "--port", str(port)]
    with serving(command, port, tmp_path / "log", cwd=tmp_path, env=plain_environment()) as served:
        served.wait_until_ready(FIRST_START_S)
        assert served.json("/api/v1/lookup?postcode=CB1%201JG")["outcome"] in ("one", "many")
        assert served.stop() == 0
    assert served.stopped_after_s < 5
    assert (root / "data/current").is_dir()
    log = served.log.read_text()
    assert "making .venv with Python 3" in log
    assert "installing requirements.lock" in log

    began = time.monotonic()
    with serving(command, port, tmp_path / "log2", cwd=tmp_path, env=plain_environment()) as again:
        again.wait_until_ready(30)
    assert "installing" not in again.log.read_text()
    assert time.monotonic() - began < 30


@pytest.mark.slow
def test_the_wheel_serves_from_anywhere(tmp_path: Path):
    source = checkout(tmp_path / "source")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path]
    subprocess.run([*command, source], check=True)
    (wheel,) = tmp_path.glob("geo_policing-*.whl")
    shutil.rmtree(source)

    fresh = tmp_path / "venv"
    venv.create(fresh, with_pip=False)
    python = fresh / "bin/python"
    install = [sys.executable, "-m", "pip", f"--python={python}", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, wheel], check=True)
    # What the wheel needs comes from the environment of this test; the checkout itself is not reachable that way,
    # as the file that an editable install leaves there is not read from a folder that is only added to the path.
    (site,) = fresh.glob("lib/python3*/site-packages")
    (site / "needs.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = [python, "-c", "import geo_policing; print(geo_policing.__file__)"]
    found = subprocess.run(where, cwd="/", capture_output=True, text=True, check=True, env=plain_environment())
    assert found.stdout.startswith(str(fresh)), found.stdout

    port = free_port()
    serve = [fresh / "bin/geo-policing", "serve", "--port", str(port), "--data", str(tmp_path / "data")]
    with serving(serve, port, tmp_path / "log", cwd=Path("/"), env=plain_environment()) as served:
        served.wait_until_ready(60)
        assert served.json("/api/v1/lookup?place=Ely")["outcome"] in ("one", "many")
        assert b"<h1" in served.get("/")[1]


class TestUsage:
    @pytest.mark.parametrize("script", ["scripts/serve", "scripts/test"])
    def test_help_needs_nothing(self, script: str):
        done = subprocess.run([ROOT / script, "--help"], capture_output=True, text=True, check=True)
        assert done.stdout.startswith("Usage: ")

    @pytest.mark.parametrize("arguments", [["--nothing"], ["--port"], ["8000"]])
    def test_wrong_arguments_are_told_before_anything_is_installed(self, arguments: list[str]):
        done = subprocess.run([ROOT / "scripts/serve", *arguments], capture_output=True, text=True)
        assert done.returncode == 2
        assert "Usage: scripts/serve" in done.stderr

    def test_an_old_python_is_told(self, tmp_path: Path):
        root = checkout_of_scripts(tmp_path)
        done = run_with_path(root, python="#!/bin/sh\nexit 1\n")
        assert done.returncode == 2
        assert "needs Python 3.11 or newer" in done.stderr
        assert not (root / ".venv").exists()

    def test_a_python_without_venv_is_told(self, tmp_path: Path):
        root = checkout_of_scripts(tmp_path)
        fake = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; *version_info*) exit 0;; esac\necho Python 3.11.2\n'
        done = run_with_path(root, python=fake)
        assert done.returncode == 2
        assert "apt-get install python3-venv" in done.stderr
        assert not (root / ".venv").exists()


def checkout_of_scripts(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    (root / "scripts").mkdir(parents=True)
    for name in ("scripts/serve", "scripts/environment.sh", "requirements.lock", "setup.cfg", "pyproject.toml"):
        shutil.copy2(ROOT / name, root / name)
    return root


def run_with_path(root: Path, *, python: str) -> subprocess.CompletedProcess[str]:
    """Run scripts/serve where every python3 on the path is the script `python`."""
    binaries = root / "bin"
    binaries.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13"):
        (binaries / name).write_text(python)
        (binaries / name).chmod(0o755)
    path = f"{binaries}:/usr/bin:/bin"
    return subprocess.run([root / "scripts/serve"], capture_output=True, text=True, env=plain_environment(PATH=path))
