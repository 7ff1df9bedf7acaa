"""ONS postcode directories of several vintages, and the short form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo_policing.datasets import nspl
from geo_policing.datasets.discover import Probe
from geo_policing.errors import SourceError

NSPL = "pcd,pcd2,pcds,dointr,doterm,usertype,oseast1m,osnrth1m,osgrdind,oa21,laua,ward,lat,long"
ONSPD = "pcd,pcd2,pcds,dointr,doterm,oscty,oslaua,osward,usertype,oseast1m,osnrth1m,osgrdind,oa11,lat,long"
NEW = "pcds,dointr,doterm,usrtypind,east1m,north1m,gridind,lat,long,wd25cd,lad25cd,oa21cd,lsoa21cd"
SHORT = "Postcode,lat,long"


def written(tmp_path: Path, header: str, *rows: str) -> Path:
    path = tmp_path / "directory.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def recognised(header: str) -> bool:
    return nspl.recognises(Probe(Path("x.csv"), "csv", None, tuple(header.split(","))))


@pytest.mark.parametrize("header", [NSPL, ONSPD, NEW, NEW.upper(), SHORT, "pcds,latitude,longitude", "pcd,easting"])
def test_which_headers_are_recognised(header: str) -> None:
    assert recognised(header) is (header != "pcd,easting")


@pytest.mark.parametrize(
    "header",
    [
        "postcode,easting,northing,accuracy_m,district,settlement,terminated",  # the starter's own
        "uprn,gridgb1e,gridgb1n,pcds,doterm",  # an address lookup
        "name,postcode,lat,long",  # a list of premises
        "LSOA11CD,population",
    ],
)
def test_other_tables_are_not_taken_for_it(header: str) -> None:
    assert not recognised(header)


def test_nspl_in_full(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        NSPL,
        '"ZZ1 1AA","ZZ1  1AA","ZZ1 1AA","198001","","0","540500","0260500","1","E001","X01","W1",52.2,0.05',
        '"ZZ1 1AB","ZZ1  1AB","ZZ1 1AB","198001","199606","1","540600","0260600","8","E001","X01","W1",52.2,0.05',
        '"ZZ1 1AC","ZZ1  1AC","ZZ1 1AC","198001","","0","","","9","","","",99.999999,0.000000',
    )
    rows = nspl.read([path])
    assert nspl.is_full(path)
    assert rows.postcode.tolist() == ["ZZ11AA", "ZZ11AB", "ZZ11AC"]
    assert rows.easting[:2].tolist() == [540500, 540600]
    assert rows.northing[:2].tolist() == [260500, 260600]
    assert np.isnan(rows.easting[2])
    assert rows.quality.tolist() == [10, 80, 90]
    assert rows.terminated.tolist() == [0, 1, 0]
    assert rows.large_user.tolist() == [False, True, False]
    assert rows.district_code.tolist() == ["X01", "X01", ""]
    assert rows.ward_code.tolist() == ["W1", "W1", ""]


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (ONSPD, "ZZ1 1AA,ZZ1  1AA,ZZ1 1AA,198001,199606,C1,X01,W1,1,540500,260500,2,E001,52.2,0.05"),
        (NEW, "ZZ1 1AA,198001,199606,1,540500,260500,2,52.2,0.05,W1,X01,E001,L001"),
    ],
)
def test_other_vintages_say_the_same_under_other_names(tmp_path: Path, header: str, text: str) -> None:
    rows = nspl.read([written(tmp_path, header, text)])
    assert (rows.postcode[0], rows.easting[0], rows.northing[0]) == ("ZZ11AA", 540500, 260500)
    assert (rows.terminated[0], rows.large_user[0], rows.quality[0]) == (1, True, 20)
    assert (rows.district_code[0], rows.ward_code[0]) == ("X01", "W1")


def test_the_short_form_knows_only_the_place(tmp_path: Path) -> None:
    # Ordnance Survey's worked example: 52°39′28.723″N 1°42′57.787″E in ETRS89 is E 651409.9 N 313177.3.
    path = written(
        tmp_path,
        SHORT,
        "ZZ1 1AA,52.65798,1.71605",
        "ZZ1 1AB,,",
        "ZZ1 1AC,0,0",
        "ZZ1 1AD,,0.00000",
        "ZZ1 1AE,99.999999,0.000000",
    )
    rows = nspl.read([path])
    assert not nspl.is_full(path)
    assert rows.easting[0] == pytest.approx(651409, abs=3)
    assert rows.northing[0] == pytest.approx(313177, abs=3)
    assert np.isnan(rows.easting[1:]).all()
    assert rows.terminated.tolist() == [-1] * 5
    assert rows.quality.tolist() == [-1] * 5


def test_northern_ireland_is_left_out_and_said(tmp_path: Path) -> None:
    rows = nspl.read([written(tmp_path, SHORT, "BT1 1AA,54.6,-5.93", "BT1 1AB,54.6,-5.93", "ZZ1 1AA,52.2,0.1")])
    assert rows.postcode.tolist() == ["ZZ11AA"]
    (finding,) = rows.dropped
    assert (finding.what, finding.count, finding.examples) == ("postcodes of Northern Ireland", 2, ("BT11AA",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ZZ1 1AA,0.1,52.2", r"directory\.csv, row 1, field lat: '0\.1' is not in Great Britain.*not swapped"),
        ("ZZ1 1AA,40.4,-3.7", r"row 1, field lat: '40\.4' is not in Great Britain"),
        ("ZZ1 1AA,52.2,NaN", r"row 1, field long: 'NaN' is not a number"),
        ("ZZ1 1AA,52.2,", r"row 1, field lat and long: '' gives only one"),
        ("10115,52.5,0.1", r"row 1, field postcode: '10115' is not a postcode"),
    ],
)
def test_a_malformed_row_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        nspl.read([written(tmp_path, SHORT, text)])


def test_a_quality_that_is_no_digit_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="row 1, field gridind: '12' is not a digit"):
        nspl.read([written(tmp_path, NEW, "ZZ1 1AA,198001,,0,540500,260500,12,52.2,0.05,W1,X01,E001,L001")])


def test_a_full_file_may_have_degrees_only(tmp_path: Path) -> None:
    path = written(tmp_path, "pcds,doterm,lat,long", "ZZ1 1AA,199606,52.65798,1.71605")
    rows = nspl.read([path])
    assert rows.easting[0] == pytest.approx(651409, abs=3)
    assert rows.terminated.tolist() == [1]
