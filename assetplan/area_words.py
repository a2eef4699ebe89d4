"""An estate by wards, parishes and other areas, in words and tables.

What is written here comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.assembly_words import Section
from assetplan.listing import one_table
from assetplan.localities import FIGURES, area_extract, by_area, kinds_of
from assetplan.ranges import pounds
from assetplan.site import UNKNOWN
from assetplan.tables import records
from assetplan.text import visible
from assetplan.wording import NOT_KNOWN, prices_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.page.view import Table

NO_AREAS = "There are no areas here. Put an areas.geojson with wards, parishes or other areas into the estate folder."
WHOLE = (
    "An asset counts where its point lies, its figures whole. Sums are of what registers and facts state, whose sources stand beside each site; "
    "beside a sum stands of how many assets it is known, where that is not all."
)
NOTIONAL = "Hectares marked notional are shared out: a border runs through a site."
_NUMERIC = ("Sites", "Area (ha)", "Assets", "GIA (m2)", "Staff (FTE)", "Running cost a year", "Backlog", "Services", "Lease events",
            "Constraints", "People")  # fmt: skip


def told(estate: Estate, kind: str | None = None) -> list[Section]:
    """The roll-up by area for a terminal: a table for each kind of area, or for one.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    kind
        Kind of area; every kind the estate has where none is given.

    Raises
    ------
    SubjectError, ValueError
        As `assetplan.by_area`, for a kind that is given.

    Examples
    --------
    >>> import assetplan as ap
    >>> [section.heading for section in told(ap.read_estate("data/malton").for_audience("public"))]
    ['By ward', 'By parish', 'By locality']
    """
    kinds = [kind] if kind is not None else kinds_of(estate)
    if not kinds:
        return [Section("By area", (NO_AREAS,))]
    return [_section(estate, one) for one in kinds]


def tables(estate: Estate) -> list[Table]:
    """The roll-up by area as tables of a page, one for each kind of area."""
    out = []
    for kind in kinds_of(estate):
        found = by_area(estate, kind=kind)
        frame = text_table(estate, found)
        out.append(
            one_table(
                f"by-{kind.lower()}",
                f"By {kind} ({found['area_id'].nunique():,})",
                " ".join(notes_of(estate, found)),
                list(frame.columns),
                frame.to_numpy().tolist(),
                numeric=_NUMERIC,
            )
        )
    return out


_EXTRACT = {
    "sites": ("site_id", "name", "organisation", "use", "status", "area_ha", "share_inside"),
    "assets": ("asset_id", "name", "organisation", "use", "status", "gia_m2", "fte", "running_cost_gbp_pa"),
    "services": ("service_id", "name", "organisation", "function", "asset_id", "fte", "peak_desks"),
    "interests": ("interest_id", "subject", "holder", "interest", "expiry", "break_date", "rent_gbp_pa"),
    "lease_events": ("date", "event", "interest_id", "name", "what_to_do"),
    "constraints": ("constraint_id", "kind", "name", "state", "subject"),
    "capacity": ("subject", "space", "hours", "available", "after_works", "source"),
    "facts": ("fact_id", "subject", "field", "value", "source", "as_of"),
    "demand": ("demand_id", "name", "population", "over_65", "no_car", "imd_decile", "rural"),
}


def extract_told(estate: Estate, area_id: str) -> list[Section]:
    """Everything about one area, table by table, for a terminal.

    Raises
    ------
    SubjectError
        Where this reader knows no such area.
    """
    row = next(row for row in records(estate.areas.drop(columns="geometry")) if row["area_id"] == area_id)
    source = f"{row['source'] or 'source not stated'}{' (illustrative)' if row['illustrative'] is True else ''}"
    out = [Section(visible(f"{row['name']}, {row['kind']}"), (visible(f"Outline: {source}."), WHOLE))]
    for name, frame in area_extract(estate, area_id).items():
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index()
        table = plain[[column for column in _EXTRACT[name] if column in plain]]
        said = () if len(table) else ("None that this reader knows.",)
        out.append(Section(f"{name.replace('_', ' ')} ({len(table):,})", said, table if len(table) else None))
    return out


def extract_rows(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Everything about one area as one table for programs: which table, which row, which column, what it says."""
    rows = []
    for name, frame in parts.items():
        plain = pd.DataFrame(frame.drop(columns="geometry", errors="ignore")).reset_index(
            drop=name not in {"sites", "assets"}
        )
        for number, record in enumerate(records(plain), start=1):
            key = str(next(iter(record.values())) or number)
            rows += [
                {"table": name, "row": key, "column": column, "value": record[column]}
                for column in _EXTRACT[name]
                if column in record and not _absent(record[column])
            ]
    return pd.DataFrame(rows, columns=["table", "row", "column", "value"], dtype=object)


def _absent(value: Any) -> bool:
    return value is None or value == () or (isinstance(value, float) and value != value)  # noqa: PLR0124


def _section(estate: Estate, kind: str) -> Section:
    found = by_area(estate, kind=kind)
    return Section(f"By {kind}", tuple(notes_of(estate, found)), text_table(estate, found))


def notes_of(estate: Estate, found: pd.DataFrame) -> list[str]:
    """What stands beside a roll-up: what counts where, what is shared out, what lies in several, whose areas they are."""
    said = [WHOLE]
    if found["notional"].any():
        said.append(NOTIONAL)
    several = len(found.attrs["in_several"])
    if several:
        said.append(
            f"{several:,} lie in more than one area of the kind, or on a border, and count in the first by identifier."
        )
    areas = estate.areas[estate.areas["kind"] == found.attrs["kind"]]
    sources = sorted({visible(str(source)) for source in areas["source"] if source})
    said.append(f"Areas: {'; '.join(sources) if sources else 'source not stated'}.")
    if (found[["running_cost_gbp_pa_known", "backlog_gbp_known"]] > 0).any(axis=None):
        said.append(prices_in_words(estate))
    if areas["illustrative"].eq(True).any() or estate.assets["illustrative"].eq(True).any():
        said.append("Some of the areas or registers added up are illustrative.")
    return said


def text_table(estate: Estate, found: pd.DataFrame) -> pd.DataFrame:
    """A roll-up as a table of text: for each area all bodies together, then each that has something there."""
    names = {key: organisation.name for key, organisation in estate.organisations.items()}
    rows: list[list[str]] = []
    for (_, area), group in found.groupby([found["area_id"].fillna(""), "area"], sort=False):
        shown = [row for row in records(group) if row["organisation"] is not None and _anything(row)]
        whole = {name: group[name].sum(min_count=1) for name in _FIGURES} | {
            name: int(group[name].sum()) for name in _COUNTS
        }
        whole |= {"area": area, "organisation": None, "notional": bool(group["notional"].any())}
        whole["lease_events"] = None if group["lease_events"].isna().any() else int(group["lease_events"].sum())
        if group["area_id"].notna().any() or _anything(whole):
            rows += [_cells(row, names) for row in (whole, *shown)]
    return pd.DataFrame(rows, columns=["Area", "Body", *_NUMERIC], dtype=object)


_FIGURES = ("area_ha", *FIGURES, "people")
_COUNTS = (
    "sites",
    "sites_with_area",
    "assets",
    *(f"{name}_known" for name in FIGURES),
    "services",
    "constraints",
    "demand",
    "people_known",
)


def _anything(row: Mapping[str, Any]) -> bool:
    """Whether a row has anything that the table tells."""
    return any(row[name] for name in (*_COUNTS, "lease_events")) or not pd.isna(row["area_ha"])


def _cells(row: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    body = row["organisation"]
    said = "all bodies" if body is None else "owner unknown" if body == UNKNOWN else names.get(body, str(body))
    hectares = f"{row['area_ha']:,.2f}" if pd.notna(row["area_ha"]) else NOT_KNOWN if row["sites"] else "-"
    if row["sites"] > row["sites_with_area"] and pd.notna(row["area_ha"]):
        hectares += f" ({row['sites_with_area']:,} of {row['sites']:,} sites)"
    people = "-" if not row["demand"] else NOT_KNOWN if pd.isna(row["people"]) else f"{row['people']:,.0f}"
    if row["demand"] > row["people_known"] > 0:
        people += f" (of {row['people_known']:,} of {row['demand']:,} places)"
    cells = [
        str(row["area"]),
        said,
        _count(row["sites"]),
        f"{hectares} (notional)" if row["notional"] else hectares,
        _count(row["assets"]),
        _sum(row, "gia_m2", f"{row['gia_m2']:,.0f}"),
        _sum(row, "fte", f"{row['fte']:,.0f}"),
        _sum(
            row, "running_cost_gbp_pa", pounds(row["running_cost_gbp_pa"]) if row["running_cost_gbp_pa_known"] else ""
        ),
        _sum(row, "backlog_gbp", pounds(row["backlog_gbp"]) if row["backlog_gbp_known"] else ""),
        _count(row["services"]),
        NOT_KNOWN if pd.isna(row["lease_events"]) else _count(row["lease_events"]),
        _count(row["constraints"]),
        people,
    ]
    return [visible(cell) for cell in cells]


def _count(number: int) -> str:
    return f"{number:,}" if number else "-"


def _sum(row: Mapping[str, Any], name: str, text: str) -> str:
    known, of = row[f"{name}_known"], row["assets"]
    if not of:
        return "-"
    if not known:
        return NOT_KNOWN
    return text if known == of else f"{text} ({known:,} of {of:,})"
