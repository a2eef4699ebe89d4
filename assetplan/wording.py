"""An estate in words: the lines of a card, their sources, and the words that tables and sentences share.

Every figure carries its source. What is not known is said to be unknown, never left out or drawn like none. What is written
here comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assetplan.approach import approaches
from assetplan.assembly import find_assemblies
from assetplan.estate import sites as sites_of
from assetplan.land import land_of
from assetplan.measures import component_measures
from assetplan.page.view import Fact
from assetplan.relations import adjacent_pairs, graph_of
from assetplan.site import UNKNOWN
from assetplan.statements import PUBLIC
from assetplan.tables import records, settled
from assetplan.text import visible
from assetplan.turning import better_without, turning_points

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping

    import geopandas as gpd
    import pandas as pd

    from assetplan.estate import Estate
    from assetplan.statements import Organisation

NOT_KNOWN = "unknown"
REACH_M = 25.0
_MOVED = ("market_value_gbp_m2",)
_CROSSED = {
    "road": "a road",
    "bridge": "a bridge",
    "level crossing": "a level crossing",
    "rail": "the railway",
    "water": "water",
    "path": "a path",
}


@dataclass(frozen=True, eq=False)
class Account:
    """An estate with what follows from it for a page: sites, relations, assemblies and components if released, look-ups.

    `constraints` are those to be drawn; `drawn` counts the sites that are on the map, in their order. `changes` says of each group that
    is valued at which figures gain and loss turn, and which smaller group does better.
    """

    estate: Estate
    sites: gpd.GeoDataFrame
    pairs: pd.DataFrame
    assemblies: pd.DataFrame | None
    components: pd.DataFrame | None
    constraints: gpd.GeoDataFrame
    lines: Mapping[str, list[Fact]]
    notes: Mapping[str, list[str]]
    sources: Mapping[str, str]
    space: Mapping[str, str]
    drawn: Mapping[str, int]
    changes: Mapping[tuple[str, ...], tuple[pd.DataFrame, pd.DataFrame]] = field(default_factory=dict)

    def owner(self, organisation: str) -> str:
        """The name of an organisation, or that the owner is unknown."""
        found = self.estate.organisations.get(organisation)
        return found.name if found else "owner unknown" if organisation == UNKNOWN else organisation


def account_of(estate: Estate) -> Account:
    """Everything a page says of an estate."""
    sites = sites_of(estate)
    pairs = adjacent_pairs(sites, max_gap_m=REACH_M, roads=estate.roads)
    assemblies = together = None
    changes = {}
    if estate.released("assemblies"):
        graph, figures = graph_of(sites, pairs), estate.land_figures
        if figures is None:
            assemblies = find_assemblies(estate, graph)
        else:
            land = land_of(estate, figures, pairs)
            assemblies = find_assemblies(estate, graph, land=land)
            for group in assemblies.attrs["values"]:
                turns = turning_points(land, group, figures, moved=_MOVED)
                changes[group] = (turns, better_without(land, graph, group, figures))
        together = component_measures(sites, pairs)
    about = account_about(estate, sites, pairs)
    return replace(about, assemblies=assemblies, components=together, constraints=estate.constraints, changes=changes)


def account_about(estate: Estate, sites: gpd.GeoDataFrame, pairs: pd.DataFrame) -> Account:
    """What is said of some of an estate's sites, of pairs among them and of the constraints that reach them; the others cost nothing."""
    constraints = estate.constraints[estate.constraints["constraint_id"].isin(_members(sites, "constraints"))]
    teller = _Teller(estate, sites)
    rows = rows_of(sites)
    reached = approaches(estate, sites)
    lines = {site: [*teller.lines(row), *([reached[site]] if site in reached else [])] for site, row in rows.items()}
    notes = {site: teller.notes(row) for site, row in rows.items()}
    sources = {site: teller.sources(row) for site, row in rows.items()}
    space = {site: teller.space(row) for site, row in rows.items()}
    placed = sites.index[(sites["precision"] != "none") & ~(sites.geometry.isna() | sites.geometry.is_empty)]
    drawn = {str(site): number for number, site in enumerate(placed)}
    return Account(estate, sites, pairs, None, None, constraints, lines, notes, sources, space, drawn)


def rows_of(sites: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    """The rows of a frame of sites by identifier, without their shapes."""
    return dict(zip(map(str, sites.index), records(sites.drop(columns="geometry")), strict=True))


def day(date: dt.date | None) -> str:
    """A date as people write it, or that it is not stated."""
    return f"{date.day} {date:%B %Y}" if date else "not stated"


def prices_in_words(estate: Estate) -> str:
    """Of which year pounds are, or that nothing says so: to stand beside sums of money."""
    if estate.price_base:
        return f"Pounds are at {visible(estate.price_base)} prices."
    return "Pounds are as they are stated; of which year's prices they are is not known."


def lies_between(pair: Mapping[str, Any]) -> str:
    """What the shortest link of two sites crosses, in words: the names of the lines, else their kinds; empty for other land or none."""
    kinds, names = pair["between"] or (), pair["across"] or ()
    crossed = [_CROSSED[kind] for kind in kinds if kind in _CROSSED]
    # Fewer names than kinds: some kind has none, and which one is not told.
    said = list(names) if len(names) >= len(crossed) else crossed
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)


def measure_in_words(pair: Mapping[str, Any]) -> str:
    """How two sites lie to one another in a few words, as they stand beside the name of a neighbour: ``17 m across Station Road``."""
    match pair["relation"]:
        case "overlapping":
            return "overlaps as drawn"
        case "touching":
            return f"shares {_metres(pair['shared_boundary_m'])}" if pair["shared_boundary_m"] else "meets at a corner"
    point = ", from a point" if pair["basis"] == "point" else ""
    if not pair["gap_m"]:
        return f"at the same place{point}"
    crossed = lies_between(pair)
    return f"{_metres(pair['gap_m'])} {f'across {crossed}' if crossed else 'away'}{point}"


def _metres(length: float) -> str:
    return f"{length:,.0f} m" if length >= 1 else "less than 1 m"


def hectares(area: float) -> str:
    """An area as people write it, to a hundredth of a hectare."""
    return f"{area:,.2f} ha"


def thousands(value: float) -> str:
    """Pounds to the nearest thousand, below ten thousand to the nearest hundred: no false certainty."""
    if value >= 10_000:
        return f"£{int(value / 1000 + 0.5):,}k"
    return f"£{int(value / 100 + 0.5) * 100:,}" if value >= 100 else f"£{value:,.0f}"


# ------------------------------------------------------------------------------------------------------- one site


def _members(sites: gpd.GeoDataFrame, column: str) -> set[str]:
    return {member for members in sites[column] for member in members}


def _by_id(frame: gpd.GeoDataFrame) -> dict[str, dict[str, Any]]:
    return dict(zip(map(str, frame.index), records(frame), strict=True))


class _Teller:
    """Says, for one site at a time, what is known, by whom, and what is not."""

    def __init__(self, estate: Estate, sites: gpd.GeoDataFrame) -> None:
        assets, parcels = _members(sites, "assets"), _members(sites, "parcels")
        told = assets | parcels
        self.estate = estate
        self.assets = _by_id(estate.assets[estate.assets.index.isin(assets)])
        self.land = _by_id(estate.land[estate.land.index.isin(parcels)])
        self.registers = {row["path"]: row for row in estate.registers.to_dict("records")}
        named = estate.constraints[estate.constraints["constraint_id"].isin(_members(sites, "constraints"))]
        self.constraints = {row["constraint_id"]: row for row in named.drop(columns="geometry").to_dict("records")}
        self.facts: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        self.about: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for fact in records(estate.facts[estate.facts["subject"].isin(told)]):
            if fact["in_force"]:
                self.facts[str(fact["subject"]), str(fact["field"])].append(fact)
                self.about[str(fact["subject"])].append(fact)
        self.dates = {
            path: f", as at {day(row['as_of'])}" if row["as_of"] else "" for path, row in self.registers.items()
        }
        self.interests: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for interest in records(estate.interests[estate.interests["subject"].isin(told)]):
            self.interests[str(interest["subject"])].append(interest)

    def lines(self, site: Mapping[str, Any]) -> list[Fact]:
        """The lines of the site's card, in the order in which people ask."""
        organisation = self.estate.organisations.get(site["organisation"])
        holder = self._holder_line(site, organisation)
        drawn = "" if site["area_ha"] is None or site["area_ha"] != site["area_ha"] else hectares(site["area_ha"])
        stated, stated_whence = self._figure(site, "site_area_ha", hectares, added=False)
        uprns = sorted({str(row["uprn"]) for row in self._rows(site) if row["uprn"]})
        gia, gia_whence = self._figure(site, "gia_m2", lambda value: f"{value:,.0f} m2 GIA")
        fte, fte_whence = self._figure(site, "fte", lambda value: f"{value:,.0f} FTE based")
        run, run_whence = self._running_cost(site)
        backlog, backlog_whence = self._figure(site, "backlog_gbp", lambda value: f"about {thousands(value)}")
        decided = f"decided by {site['decided_by']}" if site["decided_by"] else "no decision on record"
        status = f"{site['status']} ({decided})" if site["status"] else ""
        lines = [
            holder,
            self._line("Address", self._address(site), self._whence(site, "address")),
            self._interest(site),
            self._line("UPRN", "; ".join(uprns), self._whence(site, "uprn")),
            self._line("Title", "; ".join(site["titles"]), self._title_source(site)),
            self._line("Floor area", gia, gia_whence),
            self._line("Site area as drawn", drawn, self._shape_source(site)),
            self._line("Site area as stated", stated, stated_whence),
            self._line("Use", str(site["use"] or ""), (self._whence(site, "use")[0], False)),
            self._line("Staff", fte, fte_whence),
            self._line(f"Running cost{self._prices()}", run, run_whence),
            self._line(f"Maintenance backlog{self._prices()}", backlog, backlog_whence),
            self._line("Status", status, self._whence(site, "status")),
            self._constraint_line(site),
        ]
        for label, column in (("Access", "access"), ("Opening hours", "opening_hours")):
            fact = settled(self._facts(site), column)
            said = (
                [str(fact["typed"])]
                if fact is not None
                else [str(row[column]) for row in self._rows(site) if row[column]]
            )
            if said:
                lines.append(self._line(label, "; ".join(said), self._whence(site, column)))
        further: dict[str, list[str]] = defaultdict(list)
        for heading, cell in site["shown"]:
            further[heading].append(cell)
        lines += [
            self._line(heading, "; ".join(cells), self._whence(site, "shown")) for heading, cells in further.items()
        ]
        return lines

    def _holder_line(self, site: Mapping[str, Any], organisation: Organisation | None) -> Fact:
        if organisation is not None:
            parts = [organisation.name, site["body"] or organisation.body]
        elif site["claimants"]:
            parts = ["owner unknown", f"claimed by {' and '.join(self._names(site['claimants']))}"]
        elif site["freeholder"]:
            parts = [f"freehold held by {site['freeholder']}, which is none of the organisations here"]
        else:
            parts = []
        if site["ownership"] == "private":
            parts.append("privately owned: not public estate")
        if site["holder_status"] == "to confirm":
            parts.append("holder to be confirmed")
        own = {site["organisation"], *site["claimants"]}
        others = self._names(who for who in site["occupiers"] if who not in own)
        if others:
            parts.append(f"also held or occupied by {', '.join(others)}")
        sources = {self._whence(site, "holder_status")[0], self._whence(site, "ownership")[0]} - {""}
        return self._line(
            "Body and holder",
            "; ".join(part for part in parts if part),
            ("; ".join(sorted(sources)) or self.sources(site), False),
        )

    def _address(self, site: Mapping[str, Any]) -> str:
        """The addresses of the site's assets, each once, with the postcode where the address does not end in it."""
        said = []
        for row in self._rows(site):
            code = str(row["postcode"] or "")
            address = str(row["address"] or "")
            said.append(address if code in address else ", ".join(part for part in (address, code) if part))
        return "; ".join(dict.fromkeys(text for text in said if text))

    def _facts(self, site: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Facts in force about the site's assets and parcels."""
        return [fact for subject in (*site["assets"], *site["parcels"]) for fact in self.about.get(subject, [])]

    def _title_source(self, site: Mapping[str, Any]) -> tuple[str, bool]:
        """Where the titles come from: registers and facts, and the parcels that carry them."""
        said, illustrative = self._whence(site, "title_no")
        lands = [self.land[parcel] for parcel in site["parcels"] if self.land[parcel]["title_no"]]
        sources = {said, *(str(land["source"]) for land in lands if land["source"])} - {""}
        return "; ".join(sorted(sources)), illustrative or any(land["illustrative"] is True for land in lands)

    def notes(self, site: Mapping[str, Any]) -> list[str]:
        """Statements in words about the site, each with its source and date; for the keeper with its audience."""
        said = []
        for subject in (*site["assets"], *site["parcels"]):
            for fact in self.facts.get((subject, "note"), []):
                label = f" [audience: {fact['audience']}]" if "audience" in fact and fact["audience"] != PUBLIC else ""
                said.append(f"{fact['typed']} ({source_of(fact)}){label}")
        return sorted(said)

    def sources(self, site: Mapping[str, Any]) -> str:
        """The register lines a site rests on; for land no register claims, where its shape comes from."""
        rows = sorted({self._register_source(row["register"], row["row"]) for row in self._rows(site)})
        return "; ".join(rows) or self._shape_source(site)[0] or "source not stated"

    def space(self, site: Mapping[str, Any]) -> str:
        """Floor area for each full-time equivalent, where both are known of every asset; marked where either is illustrative."""
        both = [(row["gia_m2"], row["fte"]) for row in self._rows(site)]
        staff = sum(fte or 0.0 for _, fte in both)
        if not both or staff == 0 or any(gia is None or fte is None for gia, fte in both):
            return ""
        mark = " (i)" if self._whence(site, "gia_m2")[1] or self._whence(site, "fte")[1] else ""
        return f"{sum(gia for gia, _ in both) / staff:,.0f} GIA{mark}"

    def _prices(self) -> str:
        return f" ({self.estate.price_base} prices)" if self.estate.price_base else ""

    def _rows(self, site: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [self.assets[asset] for asset in site["assets"]]

    def _names(self, who: Iterable[str]) -> list[str]:
        return [self.estate.organisations[one].name if one in self.estate.organisations else one for one in who]

    @staticmethod
    def _line(label: str, value: str, whence: tuple[str, bool]) -> Fact:
        known = bool(value)
        return Fact(
            label=label,
            value=value or NOT_KNOWN,
            source=whence[0] if known else "",
            illustrative=known and whence[1],
            unknown=not known,
        )

    def _register_source(self, path: str, line: int) -> str:
        return f"{path}, line {line}{self.dates[path]}"

    def _whence(self, site: Mapping[str, Any], column: str) -> tuple[str, bool]:
        """Where what is said of a column of the site comes from, and whether any of it is illustrative."""
        fact = settled(self._facts(site), column)
        if fact is not None:
            return source_of(fact), fact["illustrative"] is True
        said = [self._of_asset(asset, column) for asset in site["assets"] if self.assets[asset].get(column) is not None]
        return "; ".join(sorted({source for source, _ in said})), any(mark for _, mark in said)

    def _of_asset(self, asset: str, column: str) -> tuple[str, bool]:
        facts = [fact for fact in self.facts.get((asset, column), []) if fact["typed"] == self.assets[asset][column]]
        if facts:
            return source_of(facts[0]), facts[0]["illustrative"] is True
        row = self.assets[asset]
        return self._register_source(row["register"], row["row"]), bool(row["illustrative"])

    def _figure(
        self, site: Mapping[str, Any], column: str, form: Callable[[float], str], *, added: bool = True
    ) -> tuple[str, tuple[str, bool]]:
        """A figure of the site: what a fact says of the whole, else its assets' figures, saying for how many they are known.

        Areas that several assets state are not added up, because each may speak of the whole site.
        """
        fact = settled(self._facts(site), column)
        if fact is not None:
            return ("", ("", False)) if fact["typed"] is None else (form(fact["typed"]), self._whence(site, column))
        rows = self._rows(site)
        known = [float(row[column]) for row in rows if row[column] is not None]
        if not known:
            return "", ("", False)
        text = form(sum(known)) if added else " and ".join(form(value) for value in sorted(set(known)))
        if added and len(known) < len(rows):
            text += f" ({len(known)} of {len(rows)} assets; the rest unknown)"
        return text, self._whence(site, column)

    def _running_cost(self, site: Mapping[str, Any]) -> tuple[str, tuple[str, bool]]:
        text, whence = self._figure(site, "running_cost_gbp_pa", lambda value: f"about {thousands(value)} a year")
        rows = self._rows(site)
        both = [
            (row["running_cost_gbp_pa"], row["gia_m2"])
            for row in rows
            if row["running_cost_gbp_pa"] is not None and row["gia_m2"]
        ]
        if text and len(both) == len(rows):
            text += f", £{sum(cost for cost, _ in both) / sum(gia for _, gia in both):,.0f} per m2 GIA"
        return text, whence

    def _shape_source(self, site: Mapping[str, Any]) -> tuple[str, bool]:
        parcels = [self.land[parcel] for parcel in site["parcels"]]
        sources = sorted({str(parcel["source"]) for parcel in parcels if parcel["source"]})
        if not parcels:
            drawn = [self._of_asset(asset, "location_precision") for asset in site["assets"]]
            return "; ".join(sorted({source for source, _ in drawn})), any(mark for _, mark in drawn)
        return "; ".join(sources), any(parcel["illustrative"] is True for parcel in parcels)

    def _interest(self, site: Mapping[str, Any]) -> Fact:
        held = [
            interest for subject in (*site["assets"], *site["parcels"]) for interest in self.interests.get(subject, [])
        ]
        if held:
            said = [self._one_interest(interest) for interest in held]
            sources = sorted({source_of(interest) for interest in held})
            return self._line(
                "Interest", "; ".join(said), ("; ".join(sources), any(i["illustrative"] is True for i in held))
            )
        tenures = Counter(str(row["tenure"]) for row in self._rows(site) if row["tenure"])
        said = [tenure if len(tenures) == 1 else f"{tenure} ({n})" for tenure, n in sorted(tenures.items())]
        return self._line("Interest", "; ".join(said), self._whence(site, "tenure"))

    def _one_interest(self, interest: Mapping[str, Any]) -> str:
        (holder,) = self._names([interest["holder"]])
        parts = [f"{interest['interest']}, {holder}"]
        if interest["expiry"]:
            parts.append(f"expires {day(interest['expiry'])}")
        if interest["break_date"]:
            notice = f" on {interest['notice_months']:.0f} months' notice" if interest["notice_months"] else ""
            parts.append(f"break {day(interest['break_date'])}{notice}")
        if interest["rent_gbp_pa"] is not None:
            parts.append(
                f"rent about {thousands(interest['rent_gbp_pa'])} a year" if interest["rent_gbp_pa"] else "no rent"
            )
        if interest["clauses"]:
            parts.append(str(interest["clauses"]))
        return ", ".join(parts)

    def _constraint_line(self, site: Mapping[str, Any]) -> Fact:
        rows = [self.constraints[key] for key in site["constraints"]]
        if not rows:
            return Fact(
                label="Constraints",
                value="none recorded here; not searched",
                source="",
                illustrative=False,
                unknown=True,
            )
        said = [constraint_in_words(row) + (" (i)" if row["illustrative"] is True else "") for row in rows]
        return Fact(
            label="Constraints",
            value="; ".join(said),
            source="; ".join(sorted({source_of(row) for row in rows})),
            illustrative=False,
            unknown=all(row["state"] == "unknown" for row in rows),
        )


def source_of(row: Mapping[str, Any]) -> str:
    """Who says what a row says, and of which date."""
    return ", ".join(
        part
        for part in (str(row["source"] or "source not stated"), f"as at {day(row['as_of'])}" if row["as_of"] else "")
        if part
    )


def constraint_in_words(row: Mapping[str, Any]) -> str:
    """A constraint with its state and, for a covenant, what it permits."""
    if row["designation"] == "development limits" and row["state"] == "yes":
        return "within the development limits"
    name = row["name"] or row["kind"]
    only = f", permits {', '.join(row['permitted_uses'])} only" if row["permitted_uses"] else ""
    return f"{row['kind']}: {name}{only} ({row['state']})"
