"""Where rows lie: the reading that suits most of them, and an issue for each of the others."""

from collections.abc import Iterable, Sequence

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from assetplan.cells import MISSING
from assetplan.formats.files import Cells
from assetplan.grid import geometries_to_degrees, to_degrees, to_grid
from assetplan.issues import Issue
from assetplan.places.placing import Located, locate
from assetplan.text import clean

MALTON = (479_187.0, 472_160.0)
PLACES = [(479_187.0, 472_160.0), (478_532.0, 471_953.0), (395_522.0, 223_084.0)]


def located(
    rows: list[tuple[object, ...]], stated: str = "", columns: tuple[str, ...] = ("easting", "northing")
) -> tuple[list[tuple[int, int] | None], str, list[Issue]]:
    texts = [[str(cell) for cell in row] for row in rows]
    chosen = {name: [position] for position, name in enumerate(columns)}
    lines = list(range(2, len(rows) + 2))
    found = locate("r.csv", chosen, texts, lines, Cells(texts, lines), list(range(len(rows))), stated)
    return points(found), found.crs, list(found.issues)


def points(found: Located) -> list[tuple[int, int] | None]:
    return [None if shape is None else (round(shape.x), round(shape.y)) for shape in found.geometry]


def drawn(shapes: list[object], crs: str, stated: str = "") -> tuple[np.ndarray, str, list[Issue]]:
    rows = [["x"] for _ in shapes]
    lines = list(range(1, len(rows) + 1))
    cells = Cells(rows, lines, header=["name"], shapes=np.array(shapes, dtype=object), crs=crs)
    found = locate("r.geojson", {}, rows, lines, cells, lines and [line - 1 for line in lines], stated)
    return found.geometry, found.crs, list(found.issues)


def codes(issues: Iterable[Issue]) -> list[tuple[str, str]]:
    return [(issue.code, issue.row) for issue in issues]


def degrees() -> list[tuple[float, float]]:
    lon, lat = to_degrees([x for x, _ in PLACES], [y for _, y in PLACES])
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


AS_METRES = [(479_187, 472_160), (478_532, 471_953), (395_522, 223_084)]


def test_grid_or_degrees_in_either_order_is_decided_on_values() -> None:
    assert located(PLACES)[:2] == (AS_METRES, "EPSG:27700")
    assert located(degrees())[:2] == (AS_METRES, "EPSG:4326")
    assert located([(lat, lon) for lon, lat in degrees()])[:2] == (AS_METRES, "EPSG:4326")


def test_a_reading_from_values_is_reported_and_a_stated_one_is_not() -> None:
    assert codes(located(PLACES)[2]) == [("crs-from-values", "")]
    assert located(PLACES, "EPSG:27700")[2] == []
    nowhere, crs, issues = located(PLACES, "EPSG:4326")
    assert nowhere == [None] * 3
    assert crs == "EPSG:4326"
    assert [code for code, _ in codes(issues)] == ["not-in-britain"] * 3


def test_rows_that_do_not_suit_are_not_located_and_reported() -> None:
    """Null island, numbers of no system without evidence, words, half a place and a blank.

    Degrees among metres are degrees whichever comes first. Only the blank says nothing, so only it has no issue.
    """
    rows = [
        *PLACES,
        (-0.7891, 54.1391),
        (0, 0),
        (54.1391, -0.7891),
        (3_571_566, 3_427_261),
        ("see", "note"),
        ("", ""),
        ("N/A", "n/a"),
        ("479187", ""),
    ]
    places, crs, issues = located(rows)
    assert places == [*AS_METRES, places[3], None, places[3], *[None] * 5]
    assert places[3] is not None
    assert np.hypot(places[3][0] - MALTON[0], places[3][1] - MALTON[1]) < 1_000
    assert crs == "EPSG:27700"
    assert codes(issues) == [
        ("crs-from-values", ""),
        *[("mixed-coordinates", "")] * 2,
        ("not-in-britain", "6"), ("not-in-britain", "8"), ("not-coordinates", "9"), ("not-coordinates", "12"),
    ]  # fmt: skip


def test_null_island_in_degrees() -> None:
    assert located([*degrees(), (0, 0)])[0] == [*AS_METRES, None]


def test_compass_letters_decide_the_sign() -> None:
    rows = [(f"{-lon:.9f}° W", f"{lat:.9f}° N") for lon, lat in degrees()]
    assert located(rows)[0] == AS_METRES


def test_pairs_in_one_cell() -> None:
    columns = ("coordinates",)
    assert located([(f"{x:.0f},{y:.0f}",) for x, y in PLACES], columns=columns)[0] == AS_METRES
    assert located([(f"{lat}, {lon}",) for lon, lat in degrees()], columns=columns)[0] == AS_METRES


def test_well_known_text() -> None:
    rows = [
        ("POLYGON ((479000 472000, 479010 472000, 479010 472010, 479000 472000))",),
        ("POLYGON ((1 2",),
        ("",),
        ("POINT EMPTY",),
    ]
    texts = [list(row) for row in rows]
    found = locate("r.csv", {"wkt": [0]}, texts, [2, 3, 4, 5], Cells(texts, [2, 3, 4, 5]), [0, 1, 2, 3], "")
    assert [shape is None for shape in found.geometry] == [False, True, True, True]
    assert found.crs == "EPSG:27700"
    assert found.precision.tolist() == ["polygon", "none", "none", "none"]
    assert found.placed_by.tolist() == ["its shape", None, None, None]
    assert codes(found.issues) == [("crs-from-values", ""), ("empty-shape", "3"), ("empty-shape", "5")]


def square(x: float, y: float, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def test_shapes_in_degrees_come_out_in_metres_without_height() -> None:
    grid_squares = np.array([square(*place) for place in PLACES], dtype=object)
    shapes, crs, issues = drawn(list(shapely.force_3d(geometries_to_degrees(grid_squares))), "EPSG:4326")
    assert crs == "EPSG:4326"
    assert [code for code, _ in codes(issues)] == ["heights-dropped"]
    assert not shapely.has_z(shapes).any()
    assert (shapely.hausdorff_distance(shapes, grid_squares) < 0.001).all()


def test_a_crs_that_the_values_contradict() -> None:
    shapes, crs, issues = drawn([square(*place) for place in PLACES], "EPSG:4326")
    assert crs == "EPSG:27700"
    assert [code for code, _ in codes(issues)] == ["crs-contradicted"]
    assert shapes[0].equals(square(*PLACES[0]))
    assert drawn([square(*place) for place in PLACES], "EPSG:4326", stated="EPSG:27700")[2] == []


def test_one_stray_shape_does_not_decide_for_the_rest() -> None:
    shapes, crs, issues = drawn(
        [*(shapely.Point(lon, lat) for lon, lat in degrees()), shapely.Point(MALTON)], "EPSG:4326"
    )
    assert crs == "EPSG:4326"
    assert [shape is None for shape in shapes] == [False, False, False, True]
    assert codes(issues) == [("not-in-britain", "4")]


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:25830", "EPSG:3035", "EPSG:27700", "EPSG:4326"])
def test_shapes_in_any_stated_system_come_to_the_same_place(crs: str) -> None:
    """The oracle is pyproj without the shift grid, a few metres off here; what is asked is the system, not the last metre."""
    way = pyproj.Transformer.from_crs("EPSG:27700", crs, always_xy=True)
    shapes = [
        shapely.transform(square(*place), lambda xy: np.column_stack(way.transform(xy[:, 0], xy[:, 1])))
        for place in PLACES
    ]
    found, read_in, issues = drawn(shapes, crs)
    assert (read_in, issues) == (crs, [])
    assert max(shapely.hausdorff_distance(found, [square(*place) for place in PLACES])) < 6


def test_a_layer_of_another_country_is_not_in_britain() -> None:
    prague = [shapely.box(1_603_000 + 100 * i, 6_464_000, 1_603_050 + 100 * i, 6_464_050) for i in range(4)]
    found, crs, issues = drawn(prague, "EPSG:3857")
    assert crs == "EPSG:3857"
    assert [shape is None for shape in found] == [True] * 4
    assert {code for code, _ in codes(issues)} == {"not-in-britain"}


def test_latitudes_before_longitudes_are_read_the_other_way_round() -> None:
    swapped = [shapely.Point(lat, lon) for lon, lat in degrees()]
    found, _, issues = drawn(swapped, "EPSG:4326")
    assert [code for code, _ in codes(issues)] == ["axes-swapped"]
    plain = drawn([shapely.Point(lon, lat) for lon, lat in degrees()], "EPSG:4326")[0]
    assert shapely.equals(found, plain).all()


def test_a_shape_in_a_cell_may_say_its_own_system() -> None:
    said = [shapely.set_srid(square(*place), 27700) for place in PLACES]
    found, crs, issues = drawn(said, "")
    assert (crs, issues) == ("EPSG:27700", [])
    assert shapely.equals(found, [square(*place) for place in PLACES]).all()


def test_a_system_from_which_no_way_leads_is_said_and_nothing_is_placed() -> None:
    local = 'LOCAL_CS["site grid",UNIT["metre",1]]'
    found, _, issues = drawn([square(*place) for place in PLACES], local)
    assert [code for code, _ in codes(issues)] == ["crs-unknown"]
    assert all(shape is None for shape in found)


def test_a_bow_tie_is_mended_and_reported() -> None:
    """Two triangles that meet in the middle: the mended shape has both.

    ::

        a   c
        |\\ /|
        |/ \\|
        d   b
    """
    x, y = MALTON
    tie = shapely.Polygon([(x, y), (x + 10, y + 10), (x + 10, y), (x, y + 10)])
    shapes, _, issues = drawn([tie, square(*MALTON)], "EPSG:27700")
    assert shapes[0].is_valid
    assert shapes[0].area == pytest.approx(50)
    assert codes(issues) == [("shape-mended", "1")]
    assert issues[0].value == "Self-intersection"  # no corner of an outline that may not be published
    assert "50 m2" in issues[0].action


def test_shapes_that_hold_no_place() -> None:
    shapes, _, issues = drawn(
        [
            shapely.Polygon(),
            None,
            square(*MALTON),
            shapely.Point(2_000_000, 5_000_000),
            shapely.Point(MALTON[0], np.nan),
        ],
        "EPSG:27700",
    )
    assert [shape is None for shape in shapes] == [True, True, False, True, True]
    assert sorted(codes(issues)) == [("empty-shape", "1"), ("empty-shape", "5"), ("not-in-britain", "4")]


def test_lines_become_points_and_collections_their_areas() -> None:
    x, y = MALTON
    line = shapely.LineString([(x, y), (x + 10, y)])
    shapes, _, issues = drawn([line, shapely.GeometryCollection([line, square(x, y)])], "EPSG:27700")
    assert [shape.geom_type for shape in shapes] == ["Point", "Polygon"]
    assert line.distance(shapes[0]) == 0
    assert codes(issues) == [("shape-not-area", "1"), ("shape-not-area", "2")]


def test_no_rows_and_no_places() -> None:
    assert located([]) == ([], "", [])
    assert located([("", ""), ("", "")]) == ([None, None], "", [])
    assert drawn([], "EPSG:4326")[1:] == ("", [])


# ------------------------------------------------------------------------------------------------------- evidence


def evident(
    rows: list[tuple[object, ...]],
    body: str = "",
    *,
    file: str = "r.csv",
    columns: tuple[str, ...] = ("easting", "northing"),
    postcodes: dict[str, tuple[float, float]] | None = None,
    codes_of: list[str | None] | None = None,
    stated: str = "",
) -> Located:
    """Rows located as those of a body, with its district, postcodes and labels as evidence."""
    texts = [[str(cell) for cell in row] for row in rows]
    chosen = {name: [position] for position, name in enumerate(columns)}
    lines = list(range(2, len(rows) + 2))
    known = postcodes or {}

    def places(wanted: Sequence[str | None]) -> np.ndarray:
        return np.array([known.get(code or "", (np.nan, np.nan)) for code in wanted]).reshape(-1, 2)

    return locate(
        file, chosen, texts, lines, Cells(texts, lines), list(range(len(rows))), stated,
        [body] * len(rows), codes_of or [None] * len(rows), places if known else None,
    )  # fmt: skip


def in_ryedale(number: int = 12) -> np.ndarray:
    """Points in the middle of Ryedale, metres."""
    random = np.random.default_rng(2010)
    return np.column_stack([random.uniform(465_000, 495_000, number), random.uniform(460_000, 498_000, number)]).round(
        1
    )


def lonlat(grid_points: np.ndarray) -> np.ndarray:
    return np.column_stack(to_degrees(grid_points[:, 0], grid_points[:, 1]))


def off(found: Located, wanted: np.ndarray) -> float:
    """The greatest distance of a point from where it should be."""
    xy = np.array([(shape.x, shape.y) if shape is not None else (np.inf, np.inf) for shape in found.geometry])
    return float(np.hypot(*(xy - wanted).T).max())


RYEDALE = "Ryedale District Council"


@pytest.mark.parametrize("body", [RYEDALE, ""])
def test_latitude_first_and_the_minus_lost_as_in_a_real_register(body: str) -> None:
    """The district says so, and without one the coast: as they stand the rows lie in the North Sea."""
    wanted = in_ryedale()
    found = evident([(lat, -lon) for lon, lat in lonlat(wanted).tolist()], body)
    assert off(found, wanted) < 0.1
    assert codes(found.issues) == [("coordinates-reread", "")]
    assert set(found.placed_by) == {"latitude and longitude, the minus of the longitude lost"}
    assert set(found.precision) == {"point"}


def geocentric(points: np.ndarray) -> np.ndarray:
    way = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    degrees_of = lonlat(points)
    x, y, _ = way.transform(degrees_of[:, 0], degrees_of[:, 1], np.zeros(len(points)))
    return np.column_stack([x, y])


def in_cheltenham(number: int = 12) -> np.ndarray:
    """Points in Cheltenham, which lies far from the diagonal of the grid: with axes swapped they are elsewhere."""
    return np.array([(393_000.5 + 350 * k, 219_700.5 + 470 * k) for k in range(number)])


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(
    "crs",
    [
        "EPSG:27700",
        "EPSG:4326",
        "EPSG:3857",
        "EPSG:25830",
        "EPSG:25831",
        "EPSG:25832",
        "EPSG:3035",
        "EPSG:3034",
        "geocentric",
    ],
)
def test_every_system_in_either_order_is_told_by_the_district(crs: str, swapped: bool) -> None:
    wanted = in_cheltenham()
    if crs == "geocentric":
        numbers = geocentric(wanted)
    elif crs == "EPSG:27700":
        numbers = wanted
    else:
        degrees_of = lonlat(wanted)
        numbers = np.column_stack(
            pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*degrees_of.T)
        )
    rows = [tuple(row[::-1] if swapped else row) for row in numbers.tolist()]
    found = evident(rows, "Cheltenham Borough Council")
    assert off(found, wanted) < 0.2
    natural = crs in {"EPSG:27700", "EPSG:4326", "EPSG:3857"} and (not swapped or crs == "EPSG:4326")
    assert codes(found.issues) == [("crs-from-values" if natural else "coordinates-reread", "")]


@pytest.mark.parametrize(("scale", "error"), [(1_000, 0.2), (100, 0.2), (10, 10)])
def test_metres_written_shorter(scale: int, error: float) -> None:
    wanted = in_ryedale()
    rows = [tuple(row) for row in ((wanted // 10).tolist() if scale == 10 else (wanted / scale).tolist())]
    found = evident(rows, RYEDALE)
    assert off(found, wanted) < error * 2
    assert codes(found.issues) == [("coordinates-reread", "")]


def test_a_row_with_its_axes_swapped_among_others() -> None:
    """The district says so, and without one the other rows, which lie close together."""
    wanted = in_cheltenham()
    for body in ("Cheltenham Borough Council", ""):
        rows = [tuple(row) for row in wanted.tolist()]
        rows[4] = rows[4][::-1]
        found = evident(rows, body)
        assert off(found, wanted) == 0
        assert codes(found.issues) == [("crs-from-values", ""), ("coordinates-reread", "6")]
        assert found.placed_by[4] == "eastings and northings, axes swapped"


def test_a_row_far_from_its_district_stays_and_is_told() -> None:
    rows = [tuple(row) for row in in_ryedale().tolist()]
    rows[2] = (530_000, 180_000)
    found = evident(rows, RYEDALE)
    assert points(found)[2] == (530_000, 180_000)
    assert ("outside-own-district", "4") in codes(found.issues)
    near = [tuple(row) for row in in_ryedale().tolist()]
    near[2] = (437_500, 460_500)  # a council's land 10 km beyond its boundary is nothing to remark on
    assert codes(evident(near, RYEDALE).issues) == [("crs-from-values", "")]


def test_the_code_in_a_files_name_tells_the_district() -> None:
    wanted = in_ryedale()
    found = evident([(lat, -lon) for lon, lat in lonlat(wanted).tolist()], "Ryedal Coucil", file="E07000167.csv")
    assert off(found, wanted) < 0.1
    assert "in Ryedale" in found.issues[0].message


def test_rows_of_several_systems_by_their_values_whatever_their_labels_say() -> None:
    wanted = in_ryedale()
    numbers = [*map(tuple, wanted[:7].tolist()), *map(tuple, lonlat(wanted[7:]).tolist())]
    labels = [
        "ETRS89",
        "OSGB36",
        "OSGB37",
        "ETRS90",
        "",
        "27700",
        "nonsense",
        "ETRS89",
        "WGS84",
        "OSGB36",
        "",
        "ETRS91",
    ]
    rows = [(x, y, label) for (x, y), label in zip(numbers, labels, strict=True)]
    found = evident(rows, RYEDALE, columns=("easting", "northing", "crs"))
    assert off(found, wanted) < 0.1
    told = {(issue.code, issue.value): issue.message for issue in found.issues}
    assert set(told) == {
        ("crs-from-values", "EPSG:27700"), ("mixed-coordinates", "EPSG:4326"),
        ("crs-label-contradicted", "ETRS89"), ("crs-label-contradicted", "EPSG:27700"),
    }  # fmt: skip
    assert "lines 9-13" in told["mixed-coordinates", "EPSG:4326"]
    assert "lines 2, 5" in told["crs-label-contradicted", "ETRS89"]


def test_a_label_tells_a_system_where_nothing_else_does() -> None:
    """Without a district a label counts: Irish Grid numbers would be a place in England."""
    rows = [(333_900 + 10 * k, 374_000 + 10 * k, "TM65 / Irish Grid") for k in range(3)]
    found = evident(rows, columns=("easting", "northing", "crs"))
    assert points(found) == [points(evident(rows, "Belfast City Council"))[k] for k in range(3)]


@pytest.mark.parametrize("crs", ["EPSG:29903", "EPSG:2157", "EPSG:4326"])
def test_northern_ireland_lies_on_the_grid_extended(crs: str) -> None:
    belfast = np.array([(-5.93 + 0.002 * k, 54.597 + 0.001 * k) for k in range(5)])
    rows = belfast if crs == "EPSG:4326" else np.column_stack(
        pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*belfast.T)
    )  # fmt: skip
    found = evident([tuple(row) for row in rows.tolist()], "Belfast City Council")
    assert off(found, np.column_stack(to_grid(*belfast.T))) < 5
    assert not {"in-the-sea", "outside-own-district"} & {code for code, _ in codes(found.issues)}


def test_null_island_the_channel_islands_and_the_sea_are_explained() -> None:
    rows = [*degrees(), (0, 0), (-2.1049, 49.1868), (2.2049, 55.5868)]
    found = evident([tuple(row) for row in rows])
    assert [shape is None for shape in found.geometry] == [False, False, False, True, True, True]
    told = {issue.row: (issue.code, issue.message) for issue in found.issues if issue.row}
    assert "not known" in told["5"][1]
    assert "Channel Islands" in told["6"][1]
    assert told["7"][0] == "in-the-sea"
    assert found.placed_by[5] == "not placed: the point lies in the sea"
    assert (
        found.placed_by[4]
        == "not placed: the point lies in the Channel Islands, which the National Grid does not reach"
    )


def test_a_figure_doubled_or_missing_is_suggested_and_not_mended() -> None:
    rows = [tuple(map(int, row)) for row in in_ryedale()]
    x, y = rows[0]
    rows[0] = (int(f"{str(x)[:3]}{str(x)[2:]}"), y)
    rows[1] = (rows[1][0], rows[1][1] // 10)
    found = evident(rows, RYEDALE)
    assert found.geometry[0] is None
    told = {issue.row: issue for issue in found.issues if issue.row}
    assert told["2"].code == "not-in-britain"
    assert "figure" in told["2"].message
    assert "Ryedale" in told["2"].message
    assert told["3"].code == "outside-own-district"
    assert "figure" in told["3"].message


# ------------------------------------------------------------------------------------------------------- postcodes


def test_a_point_far_from_its_postcode_is_told_and_mended_only_if_another_reading_agrees() -> None:
    wanted = in_cheltenham(4)
    rows = [tuple(row) for row in wanted.tolist()]
    rows[1] = rows[1][::-1]
    rows[2] = (345_000.5, 261_000.5)
    directory = {"GL50 1AA": (394_000.0, 220_000.0)}
    found = evident(rows, postcodes=directory, codes_of=["GL50 1AA"] * 3 + ["GL50 9ZZ"])
    assert points(found)[1] == tuple(wanted[1].round())
    assert points(found)[2] == (345_000, 261_000)
    told = {issue.row: issue for issue in found.issues if issue.row}
    assert told["3"].code == "coordinates-reread"
    assert "GL50 1AA" in told["3"].message
    assert told["4"].code == "far-from-postcode"
    assert "63.9 km" in told["4"].message
    assert set(told) == {"3", "4"}


def test_a_slip_that_the_postcode_confirms_is_mended() -> None:
    rows = [(395_000, 221_001), (395_100, 2_211_100), (3_951_150, 221_200)]
    directory = {"GL50 1AA": (395_100.0, 221_100.0)}
    found = evident(rows, postcodes=directory, codes_of=["GL50 1AA"] * 3)
    assert [place is not None for place in points(found)] == [True] * 3
    assert off(found, np.array([(395_000, 221_001), (395_100, 221_100), (395_150, 221_200)])) < 50
    assert found.precision.tolist() == ["point", "point", "postcode"]  # two figures of the last may be the one too many
    assert {issue.row for issue in found.issues if issue.code == "figure-mended"} == {"3", "4"}


# ------------------------------------------------------------------------------------------------------- precision


def test_coarse_coordinates_are_no_points() -> None:
    rows = [
        ("SE 795 716",),
        ("SE 79 71",),
        ("SE 7 7",),
        ("SE 7955 7165",),
        ("479000, 472000",),
        ("479001, 472000",),
        ("54.13, -0.79",),
    ]
    found = evident([tuple(row) for row in rows], columns=("coordinates",))
    assert found.precision.tolist() == ["postcode", "postcode", "none", "point", "postcode", "point", "postcode"]
    assert found.placed_by.tolist()[:3] == [
        "grid reference, to 100 m",
        "grid reference, to 1 km",
        "not placed: known to 10 km only",
    ]
    assert [row for code, row in codes(found.issues) if code == "coarse-coordinates"] == ["2", "3", "4", "6", "8"]
    assert points(found)[0] == (479_550, 471_650)


def test_references_under_easting_and_a_column_beside_it() -> None:
    rows = [
        ("SE 79187 72160", "", ""),
        ("SE 79187", "72160", ""),
        ("", "", "SE7918772160"),
        ("479187 approx", "472160m", "TQ 1 1"),
        ("479187", "472160", ""),
    ]
    found = evident([tuple(row) for row in rows], columns=("easting", "northing", "coordinates"))
    assert points(found) == [(479_187, 472_160)] * 5
    assert found.placed_by.tolist() == [*["grid reference"] * 3, *["eastings and northings as given"] * 2]


def test_rows_without_a_shape_take_their_numbers() -> None:
    rows = [["479187", "472160"], ["479187", "472160"], ["", ""]]
    cells = Cells(
        rows,
        [1, 2, 3],
        header=["E", "N"],
        shapes=np.array([square(*MALTON), None, None], dtype=object),
        crs="EPSG:27700",
    )
    found = locate("r.geojson", {"easting": [0], "northing": [1]}, rows, [1, 2, 3], cells, [0, 1, 2], "")
    assert found.precision.tolist() == ["polygon", "point", "none"]
    assert found.placed_by.tolist() == ["its shape", "eastings and northings as given", None]


# ------------------------------------------------------------------------------------------------------- properties


@settings(deadline=None)
@given(st.permutations(range(10)))
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    wanted = in_ryedale(10)
    rows: list[tuple[object, ...]] = [tuple(row) for row in wanted.tolist()]
    rows[1] = (530_000, 180_000)
    rows[2:4] = [(lat, -lon) for lon, lat in lonlat(wanted[2:4]).tolist()]
    rows[4:6] = [tuple(row) for row in lonlat(wanted[4:6]).tolist()]
    rows[6] = ("see", "plan")
    plain, mixed = evident(rows, RYEDALE), evident([rows[k] for k in order], RYEDALE)
    assert points(mixed) == [points(plain)[k] for k in order]
    assert mixed.placed_by.tolist() == [plain.placed_by[k] for k in order]
    assert sorted(issue.code for issue in mixed.issues) == sorted(issue.code for issue in plain.issues)


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.floats(), st.integers(-10, 6_000_000), st.text(max_size=8)),
            st.one_of(st.floats(), st.integers(-10, 6_000_000), st.text(max_size=8)),
        ),
        max_size=8,
    ),
    st.sampled_from(["", RYEDALE, "Belfast City Council"]),
)
def test_whatever_stands_there_is_placed_on_the_grid_or_said_not_to_be(
    rows: list[tuple[object, ...]], body: str
) -> None:
    found = evident(rows, body)
    told = {issue.row for issue in found.issues}
    for k, (shape, row) in enumerate(zip(found.geometry, rows, strict=True)):
        blank = all(clean(str(cell)).lower() in MISSING for cell in row)
        if shape is None:
            assert blank or str(k + 2) in told
            assert found.precision[k] == "none"
        else:
            assert -20_000 < shape.x < 700_000
            assert 0 < shape.y < 1_300_000
            assert found.precision[k] in {"point", "postcode"}
            assert found.placed_by[k]
