"""Districts and areas as the domain knows them, out of a dataset's tables."""

from __future__ import annotations

import numpy as np

from geo_policing.datasets.dataset import Dataset
from geo_policing.domain.areas import Area, District


def district_at(dataset: Dataset, row: int) -> District:
    """The district in `row` of the districts table, with its area where one is configured."""
    districts, areas = dataset["districts"], dataset["areas"]
    area = int(districts["area"][row])
    return District(
        str(districts["code"][row]),
        str(districts["name"][row]),
        Area(str(areas["code"][area]), str(areas["name"][area])) if area >= 0 else None,
    )


def district_by_code(dataset: Dataset, code: str) -> District:
    """The district with the ONS code; one named by its code alone where the dataset does not have it."""
    rows = np.flatnonzero(dataset["districts"]["code"] == code)
    return district_at(dataset, int(rows[0])) if len(rows) else District(code, code)
