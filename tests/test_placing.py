"""Where rows lie: the reading that suits most of them, and an issue for each of the others."""

import numpy as np
import pytest
import shapely

from assetplan.files import Cells
from assetplan.grid import geometries_to_degrees, to_degrees
from assetplan.issues import Issue
from assetplan.placing import locate

MALTON = (479_187.0, 472_160.0)
PLACES = [(479_187.0, 472_160.0), (478_532.0, 471_953.0), (395_522.0, 223_084.0)]


def located(
    rows: list[tuple[object, ...]], stated: str = "", columns: tuple[str, ...] = ("easting", "northing")
) -> tuple[list[tuple[int, int] | None], str, list[Issue]]:
    texts = [[str(cell) for cell in row] for row in rows]
    chosen = {name: [position] for position, name in enumerate(columns)}
    lines = list(range(2, len(rows) + 2))
    shapes, crs, issues = locate("r.csv", chosen, texts, lines, Cells(texts, lines), list(range(len(rows))), stated)
    return [None if shape is None else (round(shape.x), round(shape.y)) for shape in shapes], crs, issues


def drawn(shapes: list[object], crs: str, stated: str = "") -> tuple[np.ndarray, str, list[Issue]]:
    rows = [["x"] for _ in shapes]
    lines = list(range(1, len(rows) + 1))
    cells = Cells(rows, lines, header=["name"], shapes=np.array(shapes, dtype=object), crs=crs)
    return locate("r.geojson", {}, rows, lines, cells, lines and [line - 1 for line in lines], stated)


def codes(issues: list[Issue]) -> list[tuple[str, str]]:
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
    """Degrees among metres, null island, swapped axes, Web Mercator, words and a blank.

    Only the blank says nothing, so only it has no issue.
    """
    rows = [
        *PLACES,
        (-0.79, 54.13),
        (0, 0),
        (54.13, -0.79),
        (3_571_566, 3_427_261),
        ("see", "note"),
        ("", ""),
        ("N/A", "n/a"),
        ("479187", ""),
    ]
    places, crs, issues = located(rows)
    assert places == [*AS_METRES, *[None] * 8]
    assert crs == "EPSG:27700"
    assert codes(issues) == [("crs-from-values", ""), *(("not-in-britain", str(line)) for line in (5, 6, 7, 8, 9, 12))]


def test_null_island_in_degrees() -> None:
    assert located([*degrees(), (0, 0)])[0] == [*AS_METRES, None]


def test_compass_letters_decide_the_sign() -> None:
    rows = [(f"{-lon:.9f}° W", f"{lat:.9f}° N") for lon, lat in degrees()]
    assert located(rows)[0] == AS_METRES


def test_pairs_in_one_cell() -> None:
    columns = ("coordinates",)
    assert located([(f"{x:.0f},{y:.0f}",) for x, y in PLACES], columns=columns)[0] == AS_METRES
    assert located([(f"{lat}, {lon}",) for lon, lat in degrees()], columns=columns)[0] == AS_METRES
    assert codes(located([("SE 337 338",), ("",)], columns=columns)[2]) == [("not-in-britain", "2")]


def test_well_known_text() -> None:
    rows = [
        ("POLYGON ((479000 472000, 479010 472000, 479010 472010, 479000 472000))",),
        ("POLYGON ((1 2",),
        ("",),
        ("POINT EMPTY",),
    ]
    texts = [list(row) for row in rows]
    shapes, crs, issues = locate(
        "r.csv", {"wkt": [0]}, texts, [2, 3, 4, 5], Cells(texts, [2, 3, 4, 5]), [0, 1, 2, 3], ""
    )
    assert [shape is None for shape in shapes] == [False, True, True, True]
    assert crs == "EPSG:27700"
    assert codes(issues) == [("crs-from-values", ""), ("empty-shape", "3"), ("empty-shape", "5")]


def square(x: float, y: float, side: float = 10.0) -> shapely.Polygon:
    return shapely.box(x, y, x + side, y + side)


def test_shapes_in_degrees_come_out_in_metres_without_height() -> None:
    grid_squares = np.array([square(*place) for place in PLACES], dtype=object)
    shapes, crs, issues = drawn(list(shapely.force_3d(geometries_to_degrees(grid_squares))), "EPSG:4326")
    assert (crs, issues) == ("EPSG:4326", [])
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
    assert codes(issues) == [("empty-shape", "4")]


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
