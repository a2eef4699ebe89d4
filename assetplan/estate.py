"""An estate as one reader may know it: statements, filtered, then resolved.

`read_estate` resolves for the keeper; `Estate.for_audience` filters the statements again and resolves anew. Identifiers,
matches, locations, counts and issues are all made here, after the filter, from what is left.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from assetplan.errors import ReaderError
from assetplan.grid import BRITISH_GRID
from assetplan.holding import is_estate
from assetplan.issues import QUARANTINE_COLUMNS, Findings, Issue, issue_frame
from assetplan.licences import Drawn, Rights, with_default
from assetplan.outlines import land_issues
from assetplan.overrides import overrides_of
from assetplan.parcels import join_land
from assetplan.personal import issue_without_persons, left_out
from assetplan.registers import Register, frame_of
from assetplan.schema import ASSETS, AUDIENCE, LABELLED_TABLES, LAYER_TABLES
from assetplan.services import settle
from assetplan.site import form_sites
from assetplan.statements import FOR_ALL_TO_SEE, KEEPER, PUBLIC, Organisation, Statements, read_statements
from assetplan.tables import apply_facts, typed_facts, typed_table
from assetplan.text import digest, visible
from assetplan.withholding import UNKNOWN_COLUMN_CODE, withheld_frame

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable, Mapping

    from assetplan.assumptions import Assumptions
    from assetplan.merging import Merged
    from assetplan.places.postcodes import Postcodes
    from assetplan.weights import Weights


@dataclass(frozen=True, eq=False, repr=False)
class Estate:
    """The estate of one place as one reader may know it.

    Attributes
    ----------
    audience
        The reader: ``"public"``, an organisation, a group inside one, or ``"all"`` for the keeper.
    name, title, banner, as_of, law_as_of, price_base
        What estate.toml says of the whole.
    organisations
        By identifier.
    assets
        GeoDataFrame indexed by ``asset_id`` in EPSG:27700; columns as ``assetplan columns`` lists them.
    land, interests, facts, constraints, places, roads, services, capacity, affinities, crews, demand, areas, standards, plans
        The tables of the estate folder, typed, the geometric ones in EPSG:27700. For the keeper they carry ``audience``.
    registers
        One row for each register: path, organisation, kind, rows read, accepted, quarantined, located, CRS and columns.
    issues
        One row for each thing about the data that a person should know.
    quarantined
        Rows of tables that were set aside, as they stand, each with the reason.
    withheld
        For the keeper one row for each thing kept out of outputs: file, row, column, what it is, why, and what in estate.toml
        would release it. For any other reader the same columns and no row.
    attributions
        What must be said beside the shapes drawn for this reader, by the licences they are under, in order.
    labelled
        Whether anything in what is left carries a label.
    backdrop, network, travel_times
        The folder's own files of these, where it has them; what this reader may know of one is told when it is read.
    assumptions
        The figures of assumptions.toml, or None where the folder has none.
    weights
        The criteria and lenses of weights.toml, or None where the folder has none.
    option_weights
        Those of option_weights.toml, for co-location options, or None where the folder has none.

    Notes
    -----
    What looks like a person is left out of free text, columns nobody recognised out of everything, and rows of a sensitive kind
    of place out of what any reader but the keeper is given, unless estate.toml releases them. For the public a point stands for
    each outline under a licence that does not let it be published; areas in hectares stay, as a figure that says nothing of
    the outline.
    """

    audience: str
    name: str
    title: str
    banner: str
    as_of: dt.date | None
    law_as_of: dt.date | None
    price_base: str
    organisations: Mapping[str, Organisation]
    assets: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    interests: pd.DataFrame
    facts: pd.DataFrame
    constraints: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    services: pd.DataFrame
    capacity: pd.DataFrame
    affinities: pd.DataFrame
    crews: pd.DataFrame
    demand: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    standards: pd.DataFrame
    plans: pd.DataFrame
    registers: pd.DataFrame
    issues: pd.DataFrame
    quarantined: pd.DataFrame
    withheld: pd.DataFrame
    attributions: tuple[str, ...]
    labelled: bool
    _sites: gpd.GeoDataFrame = field(repr=False)
    _merged: Merged = field(repr=False)
    _statements: Statements = field(repr=False)
    backdrop: Path | None = None
    network: Path | None = None
    travel_times: Path | None = None
    assumptions: Assumptions | None = None
    weights: Weights | None = None
    option_weights: Weights | None = None

    def for_audience(self, reader: str) -> Estate:
        """The estate as `reader` may know it: equal to one read from a folder that never held the rest.

        Raises
        ------
        ReaderError
            Where no such reader is declared, or this estate is itself for a reader who may not know what `reader` may.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> len(estate.for_audience("public").facts) < len(estate.facts)
        True
        """
        _check_reader(self._statements, reader)
        if self.audience not in {KEEPER, reader}:
            raise ReaderError(
                f"This estate is already the one for {self.audience}. Start from the keeper's: read_estate(...).for_audience(...)."
            )
        return self if self.audience == reader == KEEPER else resolve(self._statements.known_to(reader), reader)

    @property
    def land_figures(self) -> Assumptions | None:
        """The assumptions where they value land; None where there are none, or they are of an appraisal only."""
        return self.assumptions if self.assumptions is not None and self.assumptions.figures else None

    def released(self, analysis: str) -> bool:
        """Whether this estate's reader may be shown an analysis ("assemblies", "benchmarks", "options", "appraisals").

        The keeper may; others only where ``[release]`` of estate.toml names them.
        """
        return self.audience == KEEPER or bool(self._statements.settings.release.get(analysis))

    def coverage(self) -> pd.DataFrame:
        """Share of assets that give each column, by organisation: how far the registers go.

        Returns
        -------
        pandas.DataFrame
            Organisations as rows, columns of the assets table as columns, shares from 0 to 1.
        """
        columns = [
            name for name, column in ASSETS.items() if column.headings and name in self.assets and name not in _PLACING
        ]
        known = self.assets[columns].notna().assign(location=self.assets["location_precision"] != "none")
        out = known.astype(float).groupby(self.assets["organisation"].astype(object)).mean().round(4)
        out.index.name = "organisation"
        return out

    def context(self) -> gpd.GeoDataFrame:
        """Assets that a planning register or service list names without saying that a public body owns them."""
        rows = zip(self.assets["kind"], self.assets["ownership"], self.assets["operator"], strict=True)
        return self.assets[np.array([not is_estate(*row) for row in rows], dtype=bool)]

    def __repr__(self) -> str:
        located = int((self.assets["location_precision"] != "none").sum())
        return (
            f"<Estate {self.name!r} for {self.audience}: {len(self.assets):,} assets of {self.assets['organisation'].nunique()} "
            f"organisations, {located:,} located; {len(self.issues):,} issues>"
        )

    def _repr_html_(self) -> str:
        told = ["path", "organisation", "kind", "rows_read", "accepted", "quarantined", "located"]
        rows = self.registers[told].rename(columns=lambda name: name.replace("_", " ")).to_html(index=False, border=0)
        return f"<p>{html.escape(repr(self))}</p>{rows}"


_PLACING = {"easting", "northing", "coordinates", "wkt", "organisation", "parcel_id"}


def _check_reader(statements: Statements, reader: str) -> None:
    settings = statements.settings
    if reader not in {PUBLIC, KEEPER, *settings.organisations, *settings.groups}:
        raise ReaderError(
            f"There is no reader {visible(reader)!r} in this estate. A reader is public, all, one of its organisations, "
            "or a group that its estate.toml declares."
        )


def read_estate(
    path: str | os.PathLike[str],
    *,
    audience: str = KEEPER,
    organisation: str = "",
    sheet: str = "",
    crs: str = "",
    columns: Mapping[str, str] | None = None,
    postcodes: str | os.PathLike[str] | None = None,
    progress: Callable[[str, float], None] | None = None,
) -> Estate:
    """Read an estate folder, its estate.toml, or one register: everything the keeper may see, or another reader.

    Parameters
    ----------
    path
        A folder as described in the README, the estate.toml inside it, or a single register file.
    audience
        For whom: the same as `Estate.for_audience` of what the keeper may see, in half the time.
    organisation, sheet, crs
        For a single register: whose it is, which sheet or layer, and ``"EPSG:27700"`` or ``"EPSG:4326"``, where these cannot be
        recognised. In a folder estate.toml says so.
    columns
        For a single register: headings with the column each is read as, ``{"Prem Nm": "name"}``, whatever else speaks for or
        against it; ``""`` leaves one unread, and ``"column 3"`` stands for the third whatever its heading.
    postcodes
        For a single register: a directory of postcodes (ONSPD, NSPL, Code-Point Open, or a table with postcode and place; a file,
        a folder or a zip), which places rows that have no coordinates and speaks for or against those that have. A folder holds its own,
        postcodes.csv or postcodes.zip.
    progress
        Called now and then, while registers are read, with the name of the file and the share of it that is done, from 0 to 1.

    Raises
    ------
    EstateError
        Where the folder or a file in it cannot be used; the message names every problem found in estate.toml.
    ReaderError
        Where no such reader is declared.

    Examples
    --------
    >>> import assetplan as ap
    >>> estate = ap.read_estate("data/malton")
    >>> sorted(estate.organisations)
    ['fire', 'nhs', 'nycc', 'police', 'rdc']
    """
    statements = read_statements(
        Path(path),
        organisation=organisation,
        sheet=sheet,
        crs=crs,
        columns=columns,
        postcodes=None if postcodes is None else Path(postcodes),
        progress=progress,
    )
    _check_reader(statements, audience)
    estate = resolve(statements.known_to(audience), audience)
    return replace(estate, _statements=statements) if audience == KEEPER else estate


def sites(estate: Estate) -> gpd.GeoDataFrame:
    """The sites of an estate: land of one owner on which one or more assets stand.

    Returns
    -------
    geopandas.GeoDataFrame
        Indexed by ``site_id``, in EPSG:27700; columns as ``assetplan columns --table sites`` lists them. ``reason`` says why
        the assets and parcels of a site are one. Rows of planning registers and service lists that are not known to be
        public are not sites; they stay in ``estate.assets``.

    Examples
    --------
    >>> import assetplan as ap
    >>> frame = ap.sites(ap.read_estate("data/malton").for_audience("public"))
    >>> frame.loc["police:ILLUS-06", "assets"]
    ('police:NYP-0117', 'police:NYP-0118')
    """
    return estate._sites.copy()


def resolve(statements: Statements, reader: str) -> Estate:
    """The estate that follows from statements already filtered for `reader`."""
    settings = statements.settings
    organisations = _organisations(statements)
    found = Findings([issue for _, issue in statements.notes])
    issues = found.issues
    for register in statements.registers:
        issues += register.issues
    tables = {name: typed_table(name, statements, found) for name in LABELLED_TABLES}
    for name in LAYER_TABLES:
        tables[name] = with_default(tables[name], settings.layers.get(name, ""))
    land = _layer(tables["land"])
    assets = _assets(statements.registers, issues)
    with_outline = list(assets["asset_id"][assets["location_precision"] == "polygon"])
    facts = typed_facts(statements, tables["facts"], assets, set(land["parcel_id"]), found)
    apply_facts(facts, assets, land)
    facts_file = statements.files.get("facts", "facts.csv")
    facts, overrides = overrides_of(facts, assets, land, facts_file, found)
    facts = facts.drop(columns="row")
    _place_by_postcode(assets, statements.postcodes, issues)
    join_land(assets, land, issues)
    for name in ("interests", "constraints"):
        _check_subjects(tables[name], assets, land, statements.files.get(name, ""), issues)
    wanted = settle(tables, statements.files, list(assets["asset_id"]), list(land["parcel_id"]), organisations, found)
    assets = assets.sort_values("asset_id", kind="stable").set_index("asset_id", drop=True)
    frames = {name: _layer(tables[name]) for name in LAYER_TABLES if name != "land"}
    located = gpd.GeoDataFrame(assets, geometry="geometry", crs=BRITISH_GRID)
    land = land.set_index("parcel_id")
    names = {key: organisation.name for key, organisation in organisations.items()}
    formed, merged, site_issues = form_sites(
        located, land, facts, tables["interests"], frames["constraints"], names, overrides, facts_file
    )
    on_site = {str(parcel): str(site) for site, parcels in formed["parcels"].items() for parcel in parcels}
    site_issues += land_issues(land, on_site, statements.files.get("land", "land.geojson"))
    drawn = Drawn(formed, located, land, frames)
    rights = Rights(
        settings.licences,
        {register.file: register.entry.geometry_licence for register in statements.registers},
        settings.as_of,
    )
    issues += rights.unknown(drawn, statements.files)
    if reader == KEEPER:
        issues += rights.kept(drawn, statements.files, with_outline)
    else:
        issues[:] = [issue for issue in issues if issue.code != UNKNOWN_COLUMN_CODE]
    if reader == PUBLIC:
        drawn = rights.for_the_public(drawn, with_outline)
        site_issues, merged = _without_measures(drawn, site_issues, merged)
    issues += site_issues
    if not statements.persons:
        issues[:] = [issue_without_persons(issue) for issue in issues]
    keep = [] if reader == KEEPER else [AUDIENCE]
    return Estate(
        audience=reader,
        name=settings.name,
        title=settings.title,
        banner=settings.banner,
        as_of=settings.as_of,
        law_as_of=settings.law_as_of,
        price_base=settings.price_base,
        organisations=organisations,
        assets=drawn.assets,
        land=drawn.land.drop(columns=keep),
        interests=tables["interests"].drop(columns=["shape", "row", *keep]),
        facts=facts.drop(columns=keep),
        constraints=drawn.layers["constraints"].drop(columns=keep),
        places=drawn.layers["places"].drop(columns=keep),
        roads=drawn.layers["roads"].drop(columns=keep),
        services=wanted["services"].drop(columns=["shape", *keep]),
        capacity=wanted["capacity"].drop(columns=["shape", *keep]),
        affinities=wanted["affinities"].drop(columns=["shape", *keep]),
        crews=wanted["crews"].drop(columns=["shape", *keep]),
        demand=gpd.GeoDataFrame(wanted["demand"].drop(columns=["shape", *keep]), geometry="geometry", crs=BRITISH_GRID),
        areas=drawn.layers["areas"].drop(columns=keep),
        standards=wanted["standards"].drop(columns=["shape", *keep]),
        plans=wanted["plans"].drop(columns=["shape", *keep]),
        registers=_register_frame(statements.registers, assets, told=reader == KEEPER),
        issues=issue_frame(issues),
        quarantined=_quarantine_frame(found, persons=statements.persons).drop(columns=keep),
        withheld=withheld_frame(issues, statements.registers) if reader == KEEPER else withheld_frame((), ()),
        attributions=rights.attributions(drawn),
        labelled=_is_labelled(statements),
        _sites=drawn.sites,
        _merged=merged,
        _statements=statements,
        backdrop=statements.backdrop,
        network=statements.network,
        travel_times=statements.travel_times,
        assumptions=statements.assumptions,
        weights=statements.weights,
        option_weights=statements.option_weights,
    )


def _without_measures(drawn: Drawn, issues: list[Issue], merged: Merged) -> tuple[list[Issue], Merged]:
    """Issues and links without what was measured on outlines of which this reader sees a point."""
    points = {str(site) for site in drawn.sites.index[drawn.sites["precision"] == "point"]}
    points |= {str(parcel) for parcel in drawn.land.index[drawn.land.geometry.geom_type == "Point"]}
    kept = [issue for issue in issues if not points & set(issue.row.split("; "))]
    hidden = {
        f"{kind}:{item}"
        for kind, column in (("a", "assets"), ("p", "parcels"))
        for site, items in drawn.sites[column].items()
        for item in items
        if str(site) in points
    }
    links = tuple(
        tuple(
            replace(link, detail="") if link.rule == "overlap" and link.member in hidden else link for link in of_site
        )
        for of_site in merged.links
    )
    return kept, replace(merged, links=links)


def _organisations(statements: Statements) -> dict[str, Organisation]:
    """The organisations estate.toml declares and those the registers at hand name."""
    named = {key: name for register in statements.registers for key, name in sorted(register.organisations.items())}
    found = {key: Organisation(key, name) for key, name in named.items()}
    return dict(sorted({**found, **statements.settings.organisations}.items()))


def _is_labelled(statements: Statements) -> bool:
    """Whether anything in what is left carries a label: a page of data without any says so."""
    rows = (row for rows in statements.tables.values() for row in rows)
    return (
        any(AUDIENCE in row.cells for row in rows)
        or any(register.entry.audience != FOR_ALL_TO_SEE for register in statements.registers)
        or any(statements.settings.release.values())
    )


def _layer(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    shapes = np.array(frame["shape"], dtype=object)
    return gpd.GeoDataFrame(
        frame.drop(columns=["shape", "row"]),
        geometry=gpd.GeoSeries(shapes, crs=BRITISH_GRID, index=frame.index),
        crs=BRITISH_GRID,
    )


# ------------------------------------------------------------------------------------------------------- assets


def _assets(registers: tuple[Register, ...], issues: list[Issue]) -> pd.DataFrame:
    frame, geometry = frame_of(registers)
    frame = frame.astype(object).assign(
        geometry=geometry,
        parcels=[()] * len(frame),
        join_reason=None,
        holder_status=None,
    )
    repeated = frame["asset_id"].duplicated(keep=False)
    if repeated.any():
        plain = [name for name in frame.columns if name not in {"register", "row", "geometry", "shown"}]
        ids = frame["asset_id"].tolist()
        own = frame[repeated]
        cells = zip(*(own[name].tolist() for name in plain), strict=True)
        where = zip(
            own.index, own["register"].tolist(), own["row"].tolist(), own["reference"].tolist(), cells, strict=True
        )
        for i, register, row, reference, told in where:
            mark = digest("\x1f".join([str(register), *map(str, told)]))
            issues.append(
                Issue(
                    str(register),
                    str(row),
                    "",
                    "repeated-reference",
                    str(reference),
                    "another register of the organisation carries this reference",
                    f"Told apart by a hash of the row ({mark}). Give each its own reference, or remove one register.",
                )
            )
            ids[i] = f"{ids[i]}-{mark}"
        frame["asset_id"] = pd.Series(ids, index=frame.index, dtype=object)
    return frame


def _place_by_postcode(assets: pd.DataFrame, postcodes: Postcodes, issues: list[Issue]) -> None:
    """Place what has no place of its own by its postcode; what a row said of its place stays beside it."""
    at = np.flatnonzero((assets["location_precision"] == "none") & assets["postcode"].notna())
    if not len(postcodes) or not len(at):
        return
    codes = [str(code) for code in assets["postcode"].iloc[at]]
    points = postcodes.places(codes)
    missing = int(np.isnan(points[:, 0]).sum())
    told = {
        name: assets[name].tolist() for name in ("geometry", "easting", "northing", "location_precision", "placed_by")
    }
    for i, code, (east, north) in zip(at, codes, points.tolist(), strict=True):
        if np.isnan(east):
            continue
        told["geometry"][i] = shapely.Point(east, north)
        told["easting"][i], told["northing"][i] = east, north
        told["location_precision"][i] = "postcode"
        before = told["placed_by"][i]
        told["placed_by"][i] = f"postcode {code}" + (f" (coordinates {before})" if isinstance(before, str) else "")
    _tell(assets, told)
    if missing:
        issues.append(
            Issue(
                "postcodes.csv",
                "",
                "postcode",
                "postcode-not-in-directory",
                str(missing),
                f"{missing} assets have a postcode the directory lacks",
                "Accepted, not located. Use a fuller directory.",
            )
        )


def _tell(assets: pd.DataFrame, told: Mapping[str, list[Any]]) -> None:
    """Write columns of the assets anew, in place; cell by cell a table of a hundred thousand rows takes minutes."""
    for name, values in told.items():
        assets[name] = pd.Series(values, index=assets.index, dtype=object)


def _check_subjects(
    frame: pd.DataFrame, assets: pd.DataFrame, land: gpd.GeoDataFrame, file: str, issues: list[Issue]
) -> None:
    known = set(assets["asset_id"]) | set(land["parcel_id"])
    for subject, ref in frame[["subject", "row"]].itertuples(index=False):
        if subject and subject not in known:
            issues.append(
                Issue(
                    file,
                    ref,
                    "subject",
                    "unknown-subject",
                    visible(str(subject)),
                    "there is no such asset or parcel here",
                    "Row kept; it reaches no site. Correct the subject.",
                )
            )


# ------------------------------------------------------------------------------------------------------- accounts


def _register_frame(registers: tuple[Register, ...], assets: pd.DataFrame, *, told: bool) -> pd.DataFrame:
    """One row for each register; the headings of columns nobody recognised are `told` to the keeper alone."""
    located = assets["register"][assets["location_precision"] != "none"].value_counts()
    return pd.DataFrame(
        [
            {
                "path": register.file,
                "title": register.title,
                "organisation": register.organisation,
                "kind": register.kind,
                "kind_reason": register.kind_reason,
                "rows_read": register.rows_read,
                "accepted": len(register.rows),
                "quarantined": register.quarantined,
                "located": int(located.get(register.file, 0)),
                "crs": register.crs,
                "illustrative": register.entry.illustrative,
                "source": register.entry.source,
                "as_of": register.entry.as_of,
                "columns": tuple(
                    (read.position, read.header if told or read.column else "", read.column, read.reason)
                    for read in register.columns
                ),
            }
            for register in sorted(registers, key=lambda register: register.file)
        ],
        columns=[
            "path",
            "title",
            "organisation",
            "kind",
            "kind_reason",
            "rows_read",
            "accepted",
            "quarantined",
            "located",
            "crs",
            "illustrative",
            "source",
            "as_of",
            "columns",
        ],
    )


def _quarantine_frame(found: Findings, *, persons: bool) -> pd.DataFrame:
    if not persons:
        said = ("value", "source", "reason")
        found.aside[:] = [{**record, **{name: left_out(record[name]).text for name in said}} for record in found.aside]
    rows = sorted(tuple(record[name] for name in QUARANTINE_COLUMNS) for record in found.aside)
    return pd.DataFrame(rows, columns=list(QUARANTINE_COLUMNS), dtype=object)
