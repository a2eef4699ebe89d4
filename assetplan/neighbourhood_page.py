"""The contact sheet of a site as a page: a map of the site and its neighbours, and what is told of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assetplan.imprint import attributions_of, dates_of, of_account, sources_of, stamp_of
from assetplan.listing import one_table
from assetplan.maps import ground_of, map_view, page_map, restricted_by, shapes_of
from assetplan.neighbourhood import contact_sheet
from assetplan.output import write_whole
from assetplan.page.shell import page_html
from assetplan.page.view import PageView
from assetplan.thinning import lightened

if TYPE_CHECKING:
    import os

    import folium

    from assetplan.estate import Estate
    from assetplan.neighbourhood import Contact, ContactSheet
    from assetplan.page.view import Table

_OPEN = 12  # neighbours told in full without a press; of more each folds away
_MARGIN_M = 60.0


def save_contact_sheet(estate: Estate, site: str, path: str | os.PathLike[str], *, max_gap_m: float = 25.0) -> Path:
    """Write the contact sheet of a site as one HTML file that loads nothing from anywhere.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    site, max_gap_m
        As `assetplan.contact_sheet` takes them.
    path
        Where to write. The file is replaced whole or not at all.

    Returns
    -------
    pathlib.Path
        The file written.

    Raises
    ------
    SubjectError
        Where this reader knows no such site, or several of that name.
    OutputError
        Where the file cannot be written.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> estate = ap.read_estate("data/malton").for_audience("public")
    >>> ap.save_contact_sheet(estate, "Malton Library", pathlib.Path(tempfile.mkdtemp()) / "library.html").name
    'library.html'
    """
    return write_page(contact_sheet(estate, site, max_gap_m=max_gap_m), Path(path))


def write_page(sheet: ContactSheet, target: Path) -> Path:
    """Write a contact sheet that is at hand as a page."""
    write_whole(target, page_html(sheet_map(sheet)).encode("utf-8"))
    return target


def sheet_map(sheet: ContactSheet) -> folium.Map:
    """The map of a contact sheet, which carries the rest of the page."""
    account, estate = sheet.account, sheet.account.estate
    drawn = account.sites.loc[list(account.drawn)]
    corners, lines, places, file, sources = ground_of(estate, (drawn,), margin_m=_MARGIN_M)
    outlines, restricted = lightened(shapes_of(drawn)), lightened(restricted_by(account))
    simplified = [
        outlines.in_words("site outline"),
        restricted.in_words("outline of a constraint", "outlines of constraints"),
    ]
    view = map_view(account, outlines, restricted, lines, places, corners)
    return page_map(
        PageView(
            title=f"{sheet.name}: who adjoins",
            stamp=stamp_of(estate),
            banner=[estate.banner] if estate.banner else [],
            dates=dates_of(estate),
            words_title="In words",
            summary=[sheet.summary, *filter(None, simplified), *sheet.limits],
            map_title="Map of the site and its neighbours"
            if sheet.contacts
            else "Map of the site and the nearest others",
            # Of a neighbour's own neighbours only the site itself is here, so no card may claim to list them.
            map={**view, "context": [], "relations_on": True, "reach_m": None},
            map_caption=_caption(sheet),
            attributions=attributions_of(estate, file),
            notes=[],
            tables_title="The contact sheet",
            tables=_tables(sheet),
            sources=[*sources_of(of_account(sheet.account)), *sources],
        )
    )


def _caption(sheet: ContactSheet) -> str:
    if not sheet.account.drawn:
        return "Nothing here says where the site lies, so the map shows none."
    lines = "A line runs from the site to each neighbour. " if sheet.contacts else ""
    return f"{lines}Other sites of the estate are not drawn here."


def _tables(sheet: ContactSheet) -> list[Table]:
    drawn = sheet.account.drawn
    told = [("Site", _named(sheet.about)), *sheet.about.told()]
    tables = [_card(told, "site", f"The site: {sheet.name}", place=drawn.get(sheet.site, -1))]
    if sheet.contacts:
        tables.append(_contacts_table(sheet))
    for number, contact in enumerate(sheet.contacts, 1):
        caption = f"{number}. {_named(contact)}"
        tables.append(_card(contact.told(), f"neighbour-{number}", caption, folded=len(sheet.contacts) > _OPEN))
    if len(sheet.nearest):
        tables.append(
            one_table(
                "nearest",
                f"Nearest sites ({len(sheet.nearest):,})",
                "They are not neighbours; they are the nearest that are known here.",
                ["Site", "Owner", "Distance (m)"],
                [
                    [f"{row['name']} ({row['site_id']})", row["holder"], f"{row['gap_m']:,.0f}"]
                    for row in sheet.nearest.to_dict("records")
                ],
                numeric=["Distance (m)"],
                sites=[drawn.get(site, -1) for site in sheet.nearest["site_id"]],
                folded=False,
            )
        )
    return tables


def _named(contact: Contact) -> str:
    return f"{contact.name} ({contact.site})"


def _contacts_table(sheet: ContactSheet) -> Table:
    told = [{label: value for label, value, _ in contact.lines} for contact in sheet.contacts]
    return one_table(
        "neighbours",
        f"Neighbours ({len(sheet.contacts):,})",
        "Overlapping sites come first, then those that touch, by shared boundary, then those across a road and those near, by distance. "
        "Each is told in full below.",
        ["Neighbour", "Relation", "How it lies", "Body and holder", "Status", "Not known"],
        [
            [
                _named(contact),
                contact.relation,
                contact.how,
                lines["Body and holder"],
                lines["Status"],
                ", ".join(contact.unknown) or "-",
            ]
            for contact, lines in zip(sheet.contacts, told, strict=True)
        ],
        sites=[sheet.account.drawn.get(contact.site, -1) for contact in sheet.contacts],
        folded=False,
    )


def _card(told: list[tuple[str, str]], identity: str, caption: str, *, place: int = -1, folded: bool = False) -> Table:
    """What is told of one site, a line a row; `place` counts it among the sites on the map, or is -1."""
    rows = [list(line) for line in told]
    sites = [place, *[-1] * (len(rows) - 1)]
    return one_table(identity, caption, "", ["What", "As known here"], rows, sites=sites, folded=folded)
