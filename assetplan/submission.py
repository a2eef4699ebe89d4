"""The site-submission sheet of a group of sites: what planning authorities ask in a call for sites, as a page or a GeoPackage.

It says where the land is, whose it is, what stands on it, what might be built, how it is reached, what stands in the way and what is not
known. It holds no value in pounds, and it is an analysis: it is written only for readers to whom analyses are released.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import shapely

from assetplan.assembly_words import Names, blockers_in_words, capital, listed
from assetplan.assumptions import HOUSING
from assetplan.errors import OutputError, SubjectError
from assetplan.estate import sites as sites_of
from assetplan.exporting import write_geopackage
from assetplan.grid import BRITISH_GRID
from assetplan.group_words import flags_frame
from assetplan.imprint import attributions_of, dates_of, of_account, sources_of, stamp_of
from assetplan.land import flags_of, land_of, may_be_part
from assetplan.listing import one_table
from assetplan.maps import ground_of, map_view, page_map, restricted_by, shapes_of
from assetplan.output import write_whole
from assetplan.page.shell import page_html
from assetplan.page.view import PageView
from assetplan.relations import joined
from assetplan.text import counted, shown_name, visible
from assetplan.thinning import lightened
from assetplan.valuation import value_group
from assetplan.wording import NOT_KNOWN, account_about, hectares

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import folium
    import networkx as nx

    from assetplan.estate import Estate
    from assetplan.page.view import Table
    from assetplan.wording import Account

SUBMISSION_FORMATS = (".html", ".gpkg")
_TOLD = (
    "Body and holder", "Address", "Interest", "UPRN", "Title", "Use", "Site area as drawn", "Site area as stated", "Floor area", "Road frontage",
    "Status", "Constraints",
)  # fmt: skip
_COMMITMENT = {"committed": "committed", "pending": "commitment pending", "none": "not committed"}
_MARGIN_M = 60.0


@dataclass(frozen=True, eq=False, repr=False)
class Submission:
    """What is told of a group of sites to a planning authority, for one reader.

    Attributes
    ----------
    sites
        The group, by identifier.
    told
        Of the land as a whole: label, text and source.
    by_site
        Indexed by site_id: what is told of each, label by label, sources in brackets.
    needs
        What a scheme needs or has to find out: `assetplan.flags_of`, as text; empty where there are no assumptions.
    outline
        The outlines of the sites together, EPSG:27700.
    account
        What the page says of the sites.
    """

    sites: tuple[str, ...]
    told: tuple[tuple[str, str, str], ...]
    by_site: pd.DataFrame
    needs: pd.DataFrame
    outline: shapely.Geometry
    account: Account


def save_submission(
    estate: Estate, graph: nx.Graph, sites: Iterable[str], path: str | os.PathLike[str], *, mix: str = HOUSING
) -> Path:
    """Write the site-submission sheet of a group of sites.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    graph
        The adjacency graph of its sites, from `assetplan.adjacency`.
    sites
        The group, by identifier.
    path
        ``.html``: a page that loads nothing from anywhere. ``.gpkg``: layers ``submission`` (one row, the outlines together), ``sites``
        and ``needs`` (a table); EPSG:27700. The file is replaced whole or not at all.
    mix
        The mix of uses proposed, one of the assumptions'.

    Raises
    ------
    SubjectError
        Where analyses are not released to this reader, a site is none that may be part of a scheme, or no site has an outline.
    EstateError
        Where there is no such mix.
    OutputError
        Where the suffix is neither of these, or the file cannot be written.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> estate = ap.read_estate("data/malton").for_audience("rdc")
    >>> graph = ap.adjacency(ap.sites(estate), roads=estate.roads)
    >>> pair = ["police:ILLUS-06", "rdc:ILLUS-01"]
    >>> ap.save_submission(estate, graph, pair, pathlib.Path(tempfile.mkdtemp()) / "sheet.gpkg").name
    'sheet.gpkg'
    """
    target = Path(path)
    if target.suffix.lower() not in SUBMISSION_FORMATS:
        raise OutputError(
            f"{shown_name(target)}: the suffix says the format; it is one of {', '.join(SUBMISSION_FORMATS)}."
        )
    sheet = submission(estate, graph, sites, mix=mix)
    if target.suffix.lower() == ".html":
        write_whole(target, page_html(_page(sheet)).encode("utf-8"))
    else:
        write_geopackage(estate, _layers(sheet), target)
    return target


def submission(estate: Estate, graph: nx.Graph, sites: Iterable[str], *, mix: str = HOUSING) -> Submission:
    """What a site-submission sheet says; parameters and errors as for `save_submission`."""
    if not estate.released("assemblies"):
        raise SubjectError("Assemblies are not released to this reader, so no site-submission sheet is written.")
    frame = sites_of(estate)
    members = tuple(sorted(set(sites)))
    fit = set(frame.index[may_be_part(frame)])
    if strange := [site for site in members if site not in fit]:
        raise SubjectError(
            f"{visible(strange[0])!r} cannot be part of a scheme: it is no site here, or is locked, private, disposed of or of unknown owner."
        )
    shown = frame.loc[list(members)]
    shapes = shown.geometry.dropna()
    shapes = shapes[shapes.geom_type.isin(("Polygon", "MultiPolygon"))]
    if shapes.empty:
        raise SubjectError("None of these sites has an outline here, and a submission needs one.")
    edges = [graph.edges[a, b] | {"site_a": min(a, b), "site_b": max(a, b)} for a, b in graph.subgraph(members).edges]
    pairs = pd.DataFrame(
        edges, columns=["site_a", "site_b", "relation", "basis", "gap_m", "shared_boundary_m", "between", "across"]
    )
    pairs = pairs.sort_values(["site_a", "site_b"], kind="stable").reset_index(drop=True)
    account = account_about(estate, shown, pairs)
    names = Names(estate)
    flags = flags_of(estate, list(members), estate.land_figures, mix) if estate.land_figures is not None else ()
    return Submission(
        members,
        tuple(_told(estate, account, graph, names, len(shapes), mix)),
        _by_site(account),
        flags_frame(names, flags),
        shapely.union_all(shapes.to_numpy()),
        account,
    )


def _told(
    estate: Estate, account: Account, graph: nx.Graph, names: Names, outlines: int, mix: str
) -> list[tuple[str, str, str]]:
    """Label, text and source of each thing told of the land as a whole."""
    frame = account.sites
    members = [str(site) for site in frame.index]
    owners = sorted(set(frame["organisation"]))
    area = frame["area_ha"].sum(min_count=len(frame))
    parts = sum(1 for _ in _components(graph, members))
    lie = "one piece as drawn, or near one another" if parts == 1 else f"{parts} places that do not adjoin"
    confirm = [names.site(site) for site in members if frame.at[site, "holder_status"] == "to confirm"]
    commitment = [
        f"{names.owner(owner)}: {_COMMITMENT.get(estate.organisations[owner].commitment, NOT_KNOWN)}"
        for owner in owners
    ]
    status = [f"{names.site(site)}: {frame.at[site, 'status'] or NOT_KNOWN}" for site in members]
    without = len(frame) - outlines
    drawn = (
        f"{hectares(float(area))} as drawn"
        if pd.notna(area)
        else f"{NOT_KNOWN}; {counted(without, 'site has', 'sites have')} no outline here"
    )
    return [
        ("Land", names.sites(members), ""),
        ("Lies in", lie, "the outlines"),
        ("Gross area", drawn, "the outlines"),
        *_proposed(estate, members, mix),
        (
            "Owners",
            names.owners(owners) + (f"; holder to be confirmed: {listed(confirm)}" if confirm else ""),
            "the registers, site by site below",
        ),
        ("Commitment of owners", "; ".join(commitment), "the estate's keeper"),
        ("Availability", "; ".join(status), "the registers, site by site below"),
        ("Current use", _each(account, names, "Use"), "the registers, site by site below"),
        (
            "Access",
            _each(account, names, "Road frontage"),
            "the roads here; frontage alone does not say that a road may be made",
        ),
        ("Agreement of every owner", "not shown here: each has to agree to a submission of its land", ""),
        ("Viability", "no value is part of this sheet", ""),
    ]


def _each(account: Account, names: Names, label: str) -> str:
    """What one line of the cards says of every site."""
    said = {
        str(site): [line["value"] for line in account.lines[str(site)] if line["label"] == label]
        for site in account.sites.index
    }
    return "; ".join(f"{names.site(site)}: {', '.join(values) or NOT_KNOWN}" for site, values in said.items())


def _components(graph: nx.Graph, members: list[str]) -> Iterable[set[str]]:
    import networkx as nx

    found: Iterable[set[str]] = nx.connected_components(joined(graph).subgraph(members))
    return found


def _proposed(estate: Estate, members: list[str], mix: str) -> list[tuple[str, str, str]]:
    """Net area, proposed use and homes, from the assumptions; that they are not known where there are none."""
    figures = estate.land_figures
    if figures is None:
        return [("Net area", NOT_KNOWN, ""), ("Proposed use", NOT_KNOWN, ""), ("Homes", NOT_KNOWN, "")]
    land = land_of(estate, figures)
    rows = land.sites.loc[members]
    value = value_group(land, members, figures, mix)
    ruled = figures.figures["net_developable_percent"]
    mark = " (i)" if ruled.illustrative else ""
    by_rule = f"stated for a site, else by rule: {visible(ruled.source)}"
    shares = ", ".join(f"{visible(use)} {share:g}%" for use, share in figures.mixes[mix].items())
    return [
        (
            "Net area",
            f"about {hectares(float(rows['net_ha'].sum()))}, schools, fields and open space left out{mark}",
            by_rule,
        ),
        ("Proposed use", f"{visible(mix)} ({shares} of the net area)", "the mix asked for"),
        ("Homes", f"about {value.homes:,.0f}{mark}", "counted for a site, else by density of the assumptions"),
    ]


def _by_site(account: Account) -> pd.DataFrame:
    """What is told of each site, label by label."""
    rows = {}
    for site in map(str, account.sites.index):
        lines = {line["label"]: line for line in account.lines[site]}
        rows[site] = {
            "Site": f"{account.sites.at[site, 'name'] or site} ({site})",
            **{
                label: lines[label]["value"]
                + (" (i)" if lines[label]["illustrative"] else "")
                + (f" [{lines[label]['source']}]" if lines[label]["source"] and not lines[label]["unknown"] else "")
                for label in _TOLD
                if label in lines
            },
            "Not known": ", ".join(label for label in _TOLD if label in lines and lines[label]["unknown"]) or "-",
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("site_id")


# ------------------------------------------------------------------------------------------------------- the page


def _page(sheet: Submission) -> folium.Map:
    """The page of a submission, which a map carries."""
    account, estate = sheet.account, sheet.account.estate
    drawn = account.sites.loc[list(account.drawn)]
    corners, lines, places, file, sources = ground_of(estate, (drawn,), margin_m=_MARGIN_M)
    outlines, restricted = lightened(shapes_of(drawn)), lightened(restricted_by(account))
    view = map_view(account, outlines, restricted, lines, places, corners)
    illustrative = any(line["illustrative"] for told in account.lines.values() for line in told)
    names = [text for label, text, _ in sheet.told if label == "Land"]
    summary = [
        f"Site submission: {names[0]}.",
        "For a planning authority's call for sites. It says what is known here of the land; it is no application, no valuation and no offer.",
        *(["(i) marks what is illustrative."] if illustrative else []),
    ]
    return page_map(
        PageView(
            title=f"Site submission: {counted(len(sheet.sites), 'site')}",
            stamp=stamp_of(estate),
            banner=[estate.banner] if estate.banner else [],
            dates=dates_of(estate),
            words_title="In words",
            summary=[*summary, *filter(None, [outlines.in_words("site outline")])],
            map_title="Map of the land",
            map={**view, "context": []},
            map_caption="Other sites of the estate are not drawn here.",
            attributions=attributions_of(estate, file),
            notes=[],
            tables_title="The submission",
            tables=_tables(sheet),
            sources=[*sources_of(of_account(sheet.account)), *sources],
        )
    )


def _tables(sheet: Submission) -> list[Table]:
    account = sheet.account
    told = [list(row) for row in sheet.told]
    tables = [
        one_table("submission", "The land as a whole", "", ["What", "As known here", "Source"], told, folded=False)
    ]
    for number, (site, row) in enumerate(sheet.by_site.iterrows(), 1):
        lines = [[label, text] for label, text in row.items() if pd.notna(text)]
        place = account.drawn.get(str(site), -1)
        tables.append(
            one_table(
                f"site-{number}",
                f"{number}. {row['Site']}",
                "",
                ["What", "As known here, and where that comes from"],
                lines,
                sites=[place, *[-1] * (len(lines) - 1)],
                folded=False,
            )
        )
    if not sheet.needs.empty:
        heads = [capital(name) for name in sheet.needs.columns]
        note = "How long each takes, and what it costs, is to be confirmed. Not known is not that there is none. None of it is legal advice."
        tables.append(
            one_table(
                "needs",
                f"Constraints and needs ({len(sheet.needs):,})",
                note,
                heads,
                sheet.needs.to_numpy().tolist(),
                folded=False,
            )
        )
    return tables


# ------------------------------------------------------------------------------------------------------- the GeoPackage


def _layers(sheet: Submission) -> list[tuple[str, pd.DataFrame, gpd.GeoSeries | None]]:
    estate, account = sheet.account.estate, sheet.account
    whole = {label.lower().replace(" ", "_"): text for label, text, _ in sheet.told}
    whole |= {
        "needs": blockers_in_words(
            [f"{row['what']} ({row['state']}): {row['sites']}" for row in sheet.needs.to_dict("records")]
        ),
        "sources": "; ".join(sources_of(of_account(sheet.account))),
        "attributions": "; ".join(attributions_of(estate, None)),
        "audience": stamp_of(estate) or "For everybody.",
        "as_of": estate.as_of.isoformat() if estate.as_of else NOT_KNOWN,
        "note": estate.banner,
    }
    outline = sheet.outline
    if outline.geom_type == "Polygon":
        outline = shapely.MultiPolygon([outline])
    columns = {label: label.lower().replace(" ", "_") for label in sheet.by_site.columns}
    rows = sheet.by_site.rename(columns=columns).reset_index()
    return [
        ("submission", pd.DataFrame([whole]), gpd.GeoSeries([outline], crs=BRITISH_GRID)),
        ("sites", rows, account.sites.geometry),
        ("needs", sheet.needs.rename(columns=lambda name: name.replace(" ", "_")), None),
    ]
