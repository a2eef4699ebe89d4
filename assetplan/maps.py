"""The interactive map of an estate: a `folium.Map` to go on with, and one HTML file that opens anywhere without the internet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
import numpy as np

from assetplan import sentences, wording
from assetplan.assembly_words import group_changes, group_facts, group_reasons
from assetplan.backdrop import backdrop_file, backdrop_of, places_of
from assetplan.component_layers import components_of
from assetplan.grid import geometries_to_degrees, to_degrees
from assetplan.ground import extent_of
from assetplan.imprint import attributions_of, backdrop_sources, dates_of, sources_of, stamp_of, title_of
from assetplan.listing import page_tables
from assetplan.looks import NOBODY, look_of
from assetplan.output import write_whole
from assetplan.page.figure import GivenTiles
from assetplan.page.shell import EstateLayer, estate_layer, page_html
from assetplan.page.view import (
    Assembly,
    Backdrop,
    Constraint,
    Context,
    Fact,
    FactColumn,
    Labelled,
    MapView,
    Organisation,
    PageView,
    Place,
    Relation,
    Sites,
)
from assetplan.sections import beyond_the_map, options_in
from assetplan.sentences import in_a_sentence
from assetplan.service_layers import service_pins, services_table
from assetplan.site import UNKNOWN
from assetplan.tables import records
from assetplan.thinning import Lightened, lightened
from assetplan.vocabulary import STATUSES
from assetplan.way_layers import Ways, villages_of, way_tables
from assetplan.ways import ways_of
from assetplan.wording import REACH_M, Account, account_of, measure_in_words

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import geopandas as gpd
    from numpy.typing import NDArray

    from assetplan.backdrop import BackdropFile
    from assetplan.estate import Estate
    from assetplan.option_cards import OptionsFound
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.scenarios.scenario import Scenario

__all__ = ["in_a_sentence", "map_estate", "save_map"]

_STEPS_M = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
_MARGIN = 0.06
KEPT_WHOLE = "The estate, its neighbours and its exports keep them whole."
_SEARCHED = {"UPRN", "Title", "Address", "Use"}


def map_estate(
    estate: Estate,
    *,
    backdrop: str | os.PathLike[str] | None = None,
    backdrop_licence: str = "",
    tiles: str = "",
    tiles_attribution: str = "",
    scenarios: Iterable[Scenario] = (),
    appraisals: Iterable[Appraisal] | Comparison = (),
) -> folium.Map:
    """The map of an estate, as its reader may know it.

    Parameters
    ----------
    estate
        The estate; choose the reader first: ``read_estate(...).for_audience("public")``. Assemblies are drawn only where
        they are released to that reader.
    backdrop
        A vector file to lie behind the sites (GeoPackage, GeoJSON, Shapefile, FlatGeobuf, GeoParquet), as
        `assetplan.backdrop.read_backdrop` takes it: OS OpenData, boundaries. Without it, ``backdrop.*`` of the estate folder.
    backdrop_licence
        What the licence of that file asks to be said; it stands under the map and on paper.
    tiles
        Address of map tiles to lie under it all, ``https://host/{z}/{x}/{y}.png``. None by default, for a page with tiles is not
        whole without the internet; OpenStreetMap's own servers refuse a page opened from a file, others mark their tiles or want a
        key; and whoever serves the tiles learns where each reader looks.
    tiles_attribution
        What the licence of the tiles asks to be said; it stands under the map and on paper.
    scenarios
        Scenarios to follow on the map year by year; only for readers to whom appraisals are released, and of those only scenarios that
        their reader may know and that name nothing unknown.
    appraisals
        What `assetplan.appraise` gave for this estate, or `assetplan.compare` made of it: cards, a table that compares them, charts, and
        their scenarios on the map; only for readers to whom appraisals are released.

    Returns
    -------
    folium.Map
        Without `tiles`: the backdrop is the estate's own roads, river and places, or a grid and the coast of Great Britain. Add to it
        as to any folium map, and wrap every text from data in `assetplan.safe_text`.

    Raises
    ------
    ValueError
        Where an appraisal was made of another estate, or for another reader.

    Examples
    --------
    >>> import assetplan as ap
    >>> m = ap.map_estate(ap.read_estate("data/malton").for_audience("public"))
    >>> type(m).__module__
    'folium.folium'
    """
    if tiles:
        GivenTiles(tiles, tiles_attribution)  # an address that is none is refused before all else is worked out
    view = view_of(account_of(estate), backdrop, backdrop_licence, ways_of(estate), scenarios, appraisals)
    if tiles_attribution:
        view["attributions"].append(tiles_attribution)
    return page_map(view, tiles=tiles, tiles_attribution=tiles_attribution)


def page_map(view: PageView, *, tiles: str = "", tiles_attribution: str = "") -> folium.Map:
    """A folium map that carries a page: what `assetplan.page.shell.page_html` takes."""
    bounds = view["map"]["bounds"]
    centre = [(bounds[0][0] + bounds[1][0]) / 2, (bounds[0][1] + bounds[1][1]) / 2]
    m = folium.Map(
        location=centre,
        tiles=None,
        zoom_start=13,
        max_zoom=20,
        min_zoom=4,
        attributionControl=False,
    )
    m.options["maxZoom"] = 20
    if tiles:
        GivenTiles(tiles, tiles_attribution).add_to(m)
    estate_layer(view).add_to(m)
    return m


def notes_of(m: folium.Map) -> list[str]:
    """What whoever makes a map should know: what of the backdrop was left out, which licence it seems to be under, what was simplified."""
    return [note for layer in m._children.values() if isinstance(layer, EstateLayer) for note in layer.view["notes"]]


def save_map(m: folium.Map, path: str | os.PathLike[str]) -> Path:
    """Write a map as one HTML file that loads nothing from anywhere.

    Parameters
    ----------
    m
        A map from `map_estate`, with whatever was added to it; it is left as it was.
    path
        Where to write. The file is replaced whole or not at all.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    RemoteAssetError
        Where something on the map would be loaded from another host: tiles (but those asked of `map_estate`), plugins, icons by
        address.
    UnsafeTextError
        Where text on the map would be run: ``{{`` and the like anywhere, ``${`` or a backtick in a popup or tooltip. It names the text.
    OutputError
        Where the file cannot be written.

    Notes
    -----
    Text you add yourself, ``folium.Popup(text)`` say, is put into the page by folium as markup and script. Wrap it:
    ``folium.Popup(assetplan.safe_text(text))``. Markup that is not wrapped is shown as markup; what it would run or load is blocked.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> m = ap.map_estate(ap.read_estate("data/malton").for_audience("public"))
    >>> ap.save_map(m, pathlib.Path(tempfile.mkdtemp()) / "malton.html").name
    'malton.html'
    """
    target = Path(path)
    write_whole(target, page_html(m).encode("utf-8"))
    return target


# ------------------------------------------------------------------------------------------------------- the page


def view_of(
    account: Account,
    backdrop: str | os.PathLike[str] | None = None,
    backdrop_licence: str = "",
    ways: Ways | None = None,
    scenarios: Iterable[Scenario] = (),
    appraisals: Iterable[Appraisal] | Comparison = (),
) -> PageView:
    """What the page shows of an estate, as plain data; `ways` is what is known of the ways to its services."""
    ways = ways or Ways()
    estate = account.estate
    frames = (account.sites.loc[list(account.drawn)], estate.assets)
    bounds, lines, places, file, backdrop_said = ground_of(estate, frames, backdrop, backdrop_licence)
    outlines, restricted = lightened(shapes_of(frames[0])), lightened(restricted_by(account))
    simplified = [
        outlines.in_words("site outline"),
        restricted.in_words("outline of a constraint", "outlines of constraints"),
    ]
    simplified = [words for words in simplified if words]
    sites, *rest = page_tables(account)
    services = services_table(account)
    more = [*([services] if services else []), *way_tables(estate, ways)]
    charts, beyond = beyond_the_map(estate)
    options = options_in(estate)
    view = PageView(
        title=title_of(estate),
        stamp=stamp_of(estate),
        banner=[estate.banner] if estate.banner else [],
        dates=dates_of(estate),
        words_title="In words",
        summary=[*sentences.summary(account), *simplified],
        map_title="Map",
        map=map_view(account, outlines, restricted, lines, places, bounds, ways, options),
        map_caption=f"The {'tables' if more else 'table of sites'} below {'say' if more else 'says'} in words what the map shows.",
        attributions=attributions_of(estate, file, backdrop_licence),
        notes=[*(file.notes if file else ()), *(f"{words} {KEPT_WHOLE}" for words in simplified)],
        charts=charts,
        tables_title="In tables: the map, and what is known beyond it" if beyond else "The map in a table",
        tables=[sites, *more, *beyond, *rest],
        sources=[*sources_of(estate), *backdrop_said],
    )
    if options is not None:
        view["options"] = options.part
    _follow(view, account, list(scenarios), appraisals)
    return view


def _follow(
    view: PageView, account: Account, scenarios: list[Scenario], appraisals: Iterable[Appraisal] | Comparison
) -> None:
    """Put scenarios and what was appraised on a page, where that is released to its reader."""
    if not scenarios and not appraisals:
        return  # what these need takes a while to load
    from assetplan.appraisal_charts import one_estate
    from assetplan.appraisal_page import NOT_RELEASED, appraisal_part
    from assetplan.results.comparing import Comparison, compare
    from assetplan.year_layers import years_on_map, years_table

    estate = account.estate
    results = appraisals.results if isinstance(appraisals, Comparison) else tuple(appraisals)
    one_estate(results, estate)
    if not estate.released("appraisals"):
        view["notes"].append(NOT_RELEASED)  # the page itself does not say that there is something to be released
        return
    compared = appraisals if isinstance(appraisals, Comparison) else compare(results)
    followed = [*(result.scenario for result in compared.results), *scenarios]
    owners = [one["id"] for one in view["map"]["organisations"]]
    years = years_on_map(estate, dict.fromkeys(followed), owners, account.drawn)
    if (table := years_table(years)) is not None:
        view["map"]["years"], view["map"]["years_on"] = years, True
        view["tables"].append(table)
    if results:
        view["appraisal"] = appraisal_part(compared, years)


def ground_of(
    estate: Estate,
    frames: Iterable[gpd.GeoDataFrame],
    backdrop: str | os.PathLike[str] | None = None,
    backdrop_licence: str = "",
    *,
    margin_m: float = 150.0,
) -> tuple[list[list[float]], list[Backdrop], list[Place], BackdropFile | None, list[str]]:
    """What lies behind what frames hold: its bounds, lines and areas, names, the backdrop's file, and where it comes from.

    `margin_m` is the least that is shown round them, in metres.
    """
    bounds = extent_of(frames, margin_m)
    file = backdrop_file(estate, bounds, backdrop, licence=backdrop_licence)
    lines, places = backdrop_of(estate, bounds, file), places_of(estate, bounds, file)
    corners = lat_lon([bounds[0], bounds[2]], [bounds[1], bounds[3]]).tolist()
    return corners, _backdrop(lines), _places(places), file, backdrop_sources(estate, lines, places)


def organisations_of(estate: Estate, owners: Iterable[str], also: Iterable[str] = ()) -> list[Organisation]:
    """The organisations of the key, with how often each is among the owners, `also` those that own nothing; the unknown one comes last."""
    counts = Counter(owners)
    out = []
    for key in sorted({*counts, *also}, key=lambda key: (key == UNKNOWN, key)):
        found = estate.organisations.get(key)
        stranger = not found and key != UNKNOWN  # named by a service alone, and by no list of organisations
        look = look_of(key, found.sector, found.name) if found else look_of(key, "", key) if stranger else NOBODY
        out.append(
            Organisation(
                id=key,
                name=found.name if found else key if stranger else "Owner unknown",
                letter=look.letter,
                colour=look.colour,
                pattern=look.pattern,
                sites=counts[key],
            )
        )
    return out


# ------------------------------------------------------------------------------------------------------- shapes


def shapes_of(frame: Any) -> NDArray[np.object_]:
    """The shapes of a frame, in metres (EPSG:27700)."""
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def in_degrees(shapes: NDArray[np.object_]) -> NDArray[np.object_]:
    """Shapes in metres (EPSG:27700) as longitude and latitude (EPSG:4326)."""
    return geometries_to_degrees(shapes) if len(shapes) else np.empty(0, dtype=object)


def map_view(
    account: Account,
    outlines: Lightened,
    restricted: Lightened,
    lines: list[Backdrop],
    places: list[Place],
    bounds: list[list[float]],
    ways: Ways | None = None,
    options: OptionsFound | None = None,
) -> MapView:
    """The map of an account: `outlines` are the shapes of the sites drawn, `restricted` those of its constraints, `bounds` its corners.

    Services and what leads to them are drawn where `ways` is given, and moves of co-location options where `options` are.
    """
    estate = account.estate
    drawn = account.sites.loc[list(account.drawn)]
    running = estate.services.loc[estate.services["asset_id"].notna(), "organisation"] if ways is not None else ()
    organisations = organisations_of(estate, account.sites["organisation"], running)
    owners = [organisation["id"] for organisation in organisations]
    sites = _sites(account, drawn, outlines, owners)
    relations = [
        Relation(
            a=account.drawn[pair["site_a"]],
            b=account.drawn[pair["site_b"]],
            kind=pair["relation"],
            text=sentences.relation_in_words(pair),
            measure=measure_in_words(pair),
            gap_m=round(pair["gap_m"]) if pair["relation"] in {"near", "opposite"} else None,
        )
        for pair in records(account.pairs)
    ]
    view = MapView(
        organisations=organisations,
        sites=sites,
        context=_context(estate),
        relations=relations,
        reach_m=REACH_M,
        constraints=_constraints(account, restricted),
        assemblies=_assemblies(account),
        components=components_of(account),
        backdrop=lines,
        places=places,
        bounds=bounds,
    )
    if ways is not None:
        view["services"] = service_pins(account, owners, sites["at"])
        view["villages"] = villages_of(estate, ways.lines)
        view["minutes"], view["reaches"] = list(ways.minutes), list(ways.reaches)
    if options is not None:
        view["options"], view["reviewing"] = options.for_map(owners), options.reviewing()
    return view


def lat_lon(easting: Any, northing: Any) -> NDArray[np.float64]:
    """Rows of WGS84 latitude and longitude, to six decimals, of eastings and northings in metres (EPSG:27700)."""
    longitude, latitude = to_degrees(np.asarray(easting, dtype=float), np.asarray(northing, dtype=float))
    positions: NDArray[np.float64] = np.column_stack([latitude, longitude])
    return positions.round(6)


def _sites(account: Account, drawn: Any, outlines: Lightened, organisations: list[str]) -> Sites:
    keys = [str(site) for site in drawn.index]
    place = {key: number for number, key in enumerate(organisations)}
    lines = [account.lines[key] for key in keys]
    stated = [{line["label"]: line for line in site} for site in lines]
    labels = dict.fromkeys(line["label"] for site in lines for line in site)
    absent: Fact = {"label": "", "value": "", "source": "", "illustrative": False, "unknown": False}
    facts = []
    for label in labels:
        column = [site.get(label, absent) for site in stated]
        facts.append(
            FactColumn(
                label=label,
                values=[line["value"] for line in column],
                sources=[line["source"] for line in column],
                flags=[line["illustrative"] + 2 * line["unknown"] for line in column],
                searched=label in _SEARCHED,
            )
        )
    return Sites(
        id=keys,
        name=[str(name or key) for key, name in zip(keys, drawn["name"], strict=True)],
        organisation=[place[owner] for owner in drawn["organisation"]],
        status=[status if status in STATUSES else "unknown" for status in drawn["status"]],
        precision=list(drawn["precision"]),
        use=[str(use or "") for use in drawn["use"]],
        area_ha=[
            float(area) if known else None
            for area, known in zip(drawn["area_ha"], drawn["area_ha"].notna(), strict=True)
        ],
        shape=in_degrees(outlines.shapes),
        at=lat_lon(drawn["easting"], drawn["northing"]),
        facts=facts,
        notes=[(number, note) for number, key in enumerate(keys) for note in account.notes[key]],
    )


def _context(estate: Estate) -> list[Context]:
    context = estate.context()
    context = context[context["location_precision"] != "none"]
    said = {"private": "privately owned", "public": "publicly owned"}
    return [
        Context(
            name=str(row["name"] or row["address"] or asset),
            at=at,
            text=(
                f"Listed in {row['register']} ({row['kind']}), {said.get(str(row['ownership']), 'owner not stated')}: "
                "not part of the public estate as known here."
            ),
        )
        for (asset, row), at in zip(
            context.iterrows(), lat_lon(context["easting"], context["northing"]).tolist(), strict=True
        )
    ]


def restricted_by(account: Account) -> NDArray[np.object_]:
    """The shape of each constraint: its own, or that of the site whose asset or parcel it names."""
    site_of = {
        member: site
        for site, row in wording.rows_of(account.sites).items()
        for member in (*row["assets"], *row["parcels"])
    }
    shapes = [
        row.geometry if row.geometry is not None else account.sites.geometry.get(site_of.get(str(row.subject), ""))
        for row in account.constraints.itertuples(index=False)
    ]
    return np.array(shapes, dtype=object)


def _constraints(account: Account, restricted: Lightened) -> list[Constraint]:
    frame = account.constraints
    return [
        Constraint(
            name=str(row["name"] or row["kind"]),
            kind=str(row["designation"] or row["kind"]),
            state=row["state"],
            text=wording.constraint_in_words(row),
            says=str(row["detail"] or ""),
            source=str(row["source"] or "source not stated"),
            illustrative=row["illustrative"] is True,
            shape=geometry,
        )
        for row, geometry in zip(frame.to_dict("records"), in_degrees(restricted.shapes), strict=True)
        if geometry is not None and not geometry.is_empty and row["designation"] != "development limits"
    ]


def _assemblies(account: Account) -> list[Assembly]:
    if account.assemblies is None:
        return []
    return [
        Assembly(
            name=f"{row['ranking'].capitalize()}, rank {row['rank']}",
            ranking=row["ranking"],
            sites=[account.drawn[site] for site in row["sites"] if site in account.drawn],
            text=sentences.assembly_in_words(account, row),
            facts=[Labelled(label=label, value=value) for label, value in group_facts(account, row)],
            reasons=group_reasons(account, row),
            changes=group_changes(account, row),
            blockers=list(row["blockers"]),
        )
        for row in account.assemblies.to_dict("records")
    ]


# ------------------------------------------------------------------------------------------------------- backdrop


def _backdrop(frame: gpd.GeoDataFrame) -> list[Backdrop]:
    return [
        Backdrop(kind=kind, name=name, shape=shape)
        for kind, name, shape in zip(frame["kind"], frame["name"], in_degrees(shapes_of(frame)), strict=True)
    ]


def _places(frame: gpd.GeoDataFrame) -> list[Place]:
    at = lat_lon(frame.geometry.x, frame.geometry.y).tolist()
    return [
        Place(name=name, kind=kind, at=spot) for name, kind, spot in zip(frame["name"], frame["kind"], at, strict=True)
    ]
