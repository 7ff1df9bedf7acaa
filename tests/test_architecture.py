"""The layers of docs/architecture.md, read from the code itself: imports go one way, and importing does nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import geo_policing

ROOT = Path(geo_policing.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))

FOR_ALL = {"errors", "clock", "config", "wording"}
# Each layer with the layers that it may import; itself and FOR_ALL are understood.
MAY_IMPORT = {
    "domain": set(),
    "spatial": {"domain"},
    "routing": {"domain", "spatial"},
    "datasets": {"domain", "spatial", "routing"},
    "storage": {"domain", "spatial", "routing"},
    "services": {"domain", "spatial", "routing", "datasets", "storage"},
    "api": {"domain", "spatial", "routing", "datasets", "storage", "services", "maps"},
    "maps": {"domain", "spatial", "routing", "datasets", "storage", "services"},
    "cli": {"domain", "spatial", "routing", "datasets", "storage", "services", "maps", "api"},
    "errors": set(),
    "clock": set(),
    "config": {"domain"},
    "wording": set(),
}
NOT_IN_DOMAIN = {"flask", "pandas", "sqlalchemy", "geopandas", "shapely", "pyogrio", "numba", "werkzeug", "click"}
NOWHERE = {"pandas", "geopandas", "scipy", "osmnx"}
# They cost memory and seconds; a worker that answers pages imports them only where a build or a bulk call needs them.
HEAVY = {"numba", "pyogrio", "osmium", "pandas", "geopandas", "folium", "scipy", "matplotlib"}
WHAT_A_WORKER_IMPORTS = "geo_policing.api.wsgi, geo_policing.api.app"

READS = {"open", "input"}
READING_METHODS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "mkdir", "getenv", "urlopen", "connect", "iterdir",
    "glob", "rglob", "exists", "is_file", "is_dir", "stat", "from_env", "load", "loads_file", "create_engine",
    "getaddrinfo", "now", "today", "utcnow", "time", "monotonic", "run", "Popen", "cwd",
}  # fmt: skip


def name_of(path: Path) -> str:
    """The dotted name of the module at `path`."""
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer_of(module: str) -> str:
    """The layer of a module of ours: the folder, or for a file at the top its name (cli_* are the cli)."""
    parts = module.split(".")
    if len(parts) == 1:
        return "errors"
    return "cli" if parts[1].startswith("cli") else parts[1]


def imports(tree: ast.AST, *, in_functions: bool = True) -> Iterator[str]:
    """Every module that is imported, `if TYPE_CHECKING` apart; with `in_functions` False only when it is loaded."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            module = node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        elif in_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from imports(node, in_functions=in_functions)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path):
    wrong = wrong_imports(name_of(path), parsed(path))
    assert not wrong, f"{name_of(path)} imports {wrong}"


def wrong_imports(module: str, tree: ast.AST) -> list[str]:
    """What `module` imports of ours that its layer may not."""
    layer = layer_of(module)
    allowed = MAY_IMPORT[layer] | FOR_ALL | {layer, "web", "boundaries"}
    ours = [name for name in imports(tree) if name.startswith("geo_policing.")]
    return sorted({name for name in ours if layer_of(name) not in allowed and not is_version(name)})


@pytest.mark.parametrize(
    ("module", "line", "wrong"),
    [
        ("geo_policing.domain.beats", "import geo_policing.spatial.crs", True),
        ("geo_policing.domain.beats", "from geo_policing import services", True),
        ("geo_policing.datasets.ons", "def f():\n    from geo_policing.storage.schema import metadata", True),
        ("geo_policing.storage.plans", "from geo_policing.datasets import tables", True),
        ("geo_policing.services.lookup", "from geo_policing.api import app", True),
        ("geo_policing.cli_lookup", "from geo_policing.api.app import create_app", False),
        ("geo_policing.services.lookup", "from geo_policing.storage import plans", False),
        ("geo_policing.datasets.ons", "from geo_policing.errors import SourceError", False),
    ],
)
def test_an_import_the_wrong_way_is_seen(module: str, line: str, wrong: bool):
    assert bool(wrong_imports(module, ast.parse(line))) is wrong


def is_version(name: str) -> bool:
    return name == "geo_policing.__version__"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_layer_takes_what_it_must_not(path: Path):
    module = name_of(path)
    roots = {name.partition(".")[0] for name in imports(parsed(path))}
    forbidden = NOWHERE | (NOT_IN_DOMAIN if layer_of(module) == "domain" else set())
    assert not roots & forbidden, f"{module} imports {sorted(roots & forbidden)}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_is_read_when_a_module_is_imported(path: Path):
    assert not list(reads_at_import(parsed(path).body)), f"{name_of(path)} reads something at import"


def reads_at_import(body: list[ast.stmt]) -> Iterator[str]:
    """Calls, outside functions, by whose name a file, the network, the clock or the environment is read."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.ClassDef):
            yield from reads_at_import(statement.body)
        elif isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test):
            continue
        else:
            for node in not_later(statement):
                if isinstance(node, ast.Call):
                    function = node.func
                    if isinstance(function, ast.Name) and function.id in READS:
                        yield function.id
                    if isinstance(function, ast.Attribute) and function.attr in READING_METHODS:
                        yield function.attr
                if isinstance(node, ast.Attribute) and node.attr == "environ":
                    yield "environ"


def not_later(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and what is below it, but for what runs only when it is called."""
    if isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from not_later(child)


def test_the_checks_see_what_they_look_for():
    bad = "X = open('f')\nY = os.environ['A']\nclass C:\n    z = Path('x').read_text()\nF = lambda: open('g')\n"
    assert sorted(reads_at_import(ast.parse(bad).body)) == ["environ", "open", "read_text"]
    lazy = "def f():\n    import numba\nif TYPE_CHECKING:\n    import pandas\nfrom a import b\n"
    assert list(imports(ast.parse(lazy))) == ["numba", "a", "a.b"]
    assert list(imports(ast.parse(lazy), in_functions=False)) == ["a", "a.b"]


@pytest.mark.parametrize("module", ["geo_policing.cli", "geo_policing.errors", "geo_policing.domain.beats"])
def test_a_light_module_stays_light(module: str):
    heavy = loaded_by(f"import {module}") & (HEAVY | {"flask", "sqlalchemy", "shapely", "numpy"})
    # config needs msgspec only; the command line must show its help at once.
    assert not heavy, f"{module} loads {sorted(heavy)}"


def test_a_page_worker_loads_nothing_heavy():
    assert not loaded_by(f"import {WHAT_A_WORKER_IMPORTS}") & HEAVY


def loaded_by(statement: str) -> set[str]:
    """The top-level names in sys.modules after `statement` in a fresh interpreter."""
    code = f"import sys\n{statement}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_knows_no_county():
    county = ("cambridgeshire", "peterborough", "huntingdon", "E0700", "E0600")
    known = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if any(name.lower() in line.lower() for name in county) and not is_example(line)
    ]
    assert not known, "\n".join(known)


def is_example(line: str) -> bool:
    """Doctests, comments and help texts may show a real postcode or place, so that people recognise it."""
    return any(mark in line for mark in (">>>", "#", '"""', "such as", "help=", "Example"))
