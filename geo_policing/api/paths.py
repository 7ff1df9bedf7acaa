"""Which paths are for programs: there an error is problem+json and a read may come from any origin."""

from __future__ import annotations

MACHINE_PREFIXES = ("/api", "/ogc", "/tiles", "/shards", "/map-data", "/healthz", "/readyz", "/metrics")


def is_for_machines(path: str) -> bool:
    """True for a path at or below one of the prefixes.

    >>> is_for_machines("/api/v1/lookup"), is_for_machines("/apiary")
    (True, False)
    """
    return any(path == prefix or path.startswith(prefix + "/") for prefix in MACHINE_PREFIXES)
