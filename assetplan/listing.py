"""The tables that stand beside a map: what it shows, in rows, and where each row comes from."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from assetplan.assembly import DELIVERABLE, LARGEST
from assetplan.assembly_words import (
    DELIVERABLE_NOTE,
    LARGEST_NOTE,
    Names,
    basis_in_words,
    blockers_in_words,
    deliverable_table,
    largest_table,
)
from assetplan.assumptions import HOUSING
from assetplan.page.view import Fact, Table
from assetplan.site import UNKNOWN
from assetplan.tables import records
from assetplan.wording import NOT_KNOWN, REACH_M, Account, day, lies_between, rows_of, source_of, thousands

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from assetplan.estate import Estate


_SITE_HEADS = (
    ("UPRN", "UPRN"),
    ("Title", "Title"),
    ("Floor area", "Floor area"),
    ("Site area as drawn", "Area as drawn"),
    ("Site area as stated", "Area as stated"),
    ("Use", "Use"),
    ("Staff", "Staff"),
    ("Running cost", "Running cost"),
    ("Maintenance backlog", "Backlog"),
    ("Status", "Status"),
)


_PLACED = {"Body and holder", "Address", "Interest", "Constraints", *(label for label, _ in _SITE_HEADS)}
_NEIGHBOURS = 6  # named in a site's row; the table of neighbouring sites has them all
_MEMBERS = 30  # named in a component's row


def page_tables(account: Account) -> list[Table]:
    """The tables of a page: sites first, then what is not on the map, relations, constraints, statements and sources."""
    return [
        table
        for table in (
            _sites_table(account),
            *_assemblies_tables(account),
            _components_table(account),
            _unlocated_table(account),
            _context_table(account),
            _relations_table(account),
            _constraints_table(account),
            _interests_table(account),
            _statements_table(account),
            quarantine_table(account.estate),
            withheld_table(account.estate),
            registers_table(account.estate),
        )
        if table is not None
    ]


def one_table(
    identity: str,
    caption: str,
    note: str,
    heads: Sequence[str],
    rows: list[list[str]],
    *,
    numeric: Iterable[str] = (),
    sites: list[int] | None = None,
    folded: bool = True,
) -> Table:
    """A table of a page: its heads, its rows of text, which columns are numbers, and the site on the map each row is about."""
    return Table(
        id=identity,
        caption=caption,
        note=note,
        columns=list(heads),
        numeric=[head in set(numeric) for head in heads],
        rows=rows,
        sites=sites if sites is not None else [-1] * len(rows),
        folded=folded,
    )


def _neighbours(account: Account) -> dict[str, str]:
    said: dict[str, list[str]] = defaultdict(list)
    how = {"overlapping": "overlaps", "touching": "touches", "opposite": "across a road", "near": "near"}
    names = of_each_site(account, "name")
    for pair in records(account.pairs):
        for one, other in ((pair["site_a"], pair["site_b"]), (pair["site_b"], pair["site_a"])):
            gap = f", {pair['gap_m']:.0f} m" if pair["relation"] in {"opposite", "near"} else ""
            said[one].append(f"{names[other]} ({how[pair['relation']]}{gap})")
    out = {}
    for site, told in said.items():
        listed = sorted(told)
        more = f"; and {len(listed) - _NEIGHBOURS:,} more" if len(listed) > _NEIGHBOURS else ""
        out[site] = "; ".join(listed[:_NEIGHBOURS]) + more
    return out


def _sites_table(account: Account) -> Table:
    neighbours = _neighbours(account)
    # Whatever else the cards say stands in columns of its own: the table holds all that the map does.
    said = dict.fromkeys(line["label"].split(" (")[0] for lines in account.lines.values() for line in lines)
    told_of = {**dict(_SITE_HEADS), **{label: label for label in said if label not in _PLACED}}
    heads = [
        "Site",
        "Body",
        "Also held by",
        "Address",
        "Interest",
        *told_of.values(),
        "m2 per FTE",
        "Constraints",
        "Neighbours",
        "Not known",
        "Source",
    ]
    rows: list[list[str]] = []
    missing: dict[str, list[str]] = {}
    places = []
    for site, row in rows_of(account.sites).items():
        lines = {line["label"].split(" (")[0]: line for line in account.lines[site]}
        missing[site] = [label for label, line in lines.items() if line["unknown"]]
        owner = account.owner(row["organisation"])
        holder = lines["Body and holder"]
        also = "" if holder["unknown"] else holder["value"].removeprefix(owner).strip("; ")
        rows.append(
            [
                str(row["name"] or site),
                owner,
                also or "-",
                _marked(lines["Address"]),
                _marked(lines["Interest"]),
                *(_marked(lines[label]) if label in lines else "-" for label in told_of),
                account.space[site] or NOT_KNOWN,
                _marked(lines["Constraints"]),
                neighbours.get(
                    site, "none within 25 m" if row["precision"] in {"polygon", "point"} else "not measured"
                ),
                "",
                account.sources[site],
            ]
        )
        places.append(account.drawn.get(site, -1))
    empty = [i for i in range(3, len(heads) - 4) if rows and all(row[i] == NOT_KNOWN for row in rows)]
    dropped = [in_text(heads[i]) for i in empty]
    note = f"Left out, because nothing here gives them for any site: {', '.join(dropped)}. " if dropped else ""
    # What is known of no site is said once, above the table, and not again in every row.
    told_once = {label for label, head in told_of.items() if heads.index(head) in empty} | {heads[i] for i in empty}
    gaps = heads.index("Not known")
    for cells, labels in zip(rows, missing.values(), strict=True):
        cells[gaps] = ", ".join(in_text(label) for label in labels if label not in told_once) or "-"
    if all(cells[2] == "-" for cells in rows):
        empty.append(2)
    keep = [i for i in range(len(heads)) if i not in empty]
    if any(line["illustrative"] for lines in account.lines.values() for line in lines):
        note += "(i) marks what is illustrative. There are no sums, because the figures rest on different bases."
    return one_table(
        "sites",
        "Sites",
        note.strip(),
        [heads[i] for i in keep],
        [[row[i] for i in keep] for row in rows],
        sites=places,
        folded=False,
    )


def in_text(label: str) -> str:
    """A heading as it stands within a sentence: abbreviations keep their capitals."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _marked(line: Fact) -> str:
    return f"{line['value']} (i)" if line["illustrative"] else line["value"]


def _assemblies_tables(account: Account) -> list[Table]:
    """The two rankings of groups, a table each: what lies together, and what might be worth doing together."""
    if account.assemblies is None or account.assemblies.empty:
        return []
    names, estate = Names(account.estate), account.estate
    rows = account.assemblies.to_dict("records")
    largest = [row for row in rows if row["ranking"] == LARGEST]
    best = [row for row in rows if row["ranking"] == DELIVERABLE]
    tables = [
        _ranking(
            "assemblies",
            f"Groups of adjoining sites: largest connected ({len(largest):,})",
            LARGEST_NOTE,
            largest_table(names, largest),
        )
    ]
    if best:
        frame = deliverable_table(names, best, account.assemblies.attrs["values"])
        frame["who holds the key"] = [names.sites(row["ransom_sites"]) or "no one site" for row in best]
        frame["in the way"] = [blockers_in_words(row["blockers"]) for row in best]
        basis = basis_in_words(estate, account.assemblies, weights=estate.weights, lens="", mix=HOUSING)
        note = " ".join([DELIVERABLE_NOTE, *basis])
        tables.append(
            _ranking("deliverable", f"Groups of adjoining sites: best deliverable ({len(best):,})", note, frame)
        )
    return tables


def _ranking(identity: str, caption: str, note: str, frame: pd.DataFrame) -> Table:
    heads = [{"ha": "Area (ha)"}.get(name, name[:1].upper() + name[1:]) for name in frame.columns]
    numeric = ["Rank", "Area (ha)", "Homes", "Score", "Unknowns"]
    return one_table(identity, caption, note, heads, frame.to_numpy().tolist(), numeric=numeric, folded=False)


def of_each_site(account: Account, column: str) -> dict[str, Any]:
    """What a column says of each site."""
    return dict(zip(map(str, account.sites.index), account.sites[column], strict=True))


def owners_in_words(account: Account, owners: Iterable[str]) -> str:
    """How many sites are whose, by the owner of each, those with the most first; the unknown owner comes last."""
    counts = Counter(owners)
    order = sorted(counts, key=lambda owner: (owner == UNKNOWN, -counts[owner], owner))
    return ", ".join(f"{account.owner(owner)} {counts[owner]:,}" for owner in order)


def sites_in_words(names: Mapping[str, str], sites: Sequence[str]) -> str:
    """The names of some sites, the first of many."""
    said = [names[site] or site for site in sites[:_MEMBERS]]
    rest = len(sites) - len(said)
    return f"{', '.join(said)}; and {rest:,} more" if rest else ", ".join(said)


def _components_table(account: Account) -> Table | None:
    if account.components is None or account.components.empty:
        return None
    names, owner = of_each_site(account, "name"), of_each_site(account, "organisation")
    rows = [
        [
            str(row["component"]),
            f"{len(row['sites']):,}",
            sites_in_words(names, row["sites"]),
            owners_in_words(account, (owner[site] for site in row["sites"])),
            f"{row['area_ha']:.2f}" if row["area_ha"] == row["area_ha"] else NOT_KNOWN,
            sites_in_words(names, row["articulation_sites"]) or "-",
        ]
        for row in account.components.reset_index().to_dict("records")
    ]
    note = (
        f"Each site touches another of its group, overlaps it or lies within {REACH_M:.0f} m of it, no road between. All sites count here, "
        "locked land and land of unknown owner too."
    )
    return one_table(
        "components",
        f"Sites that hang together ({len(rows):,})",
        note,
        ["Group", "Number", "Sites", "Owners", "Area (ha)", "Without which it falls apart"],
        rows,
        numeric=["Number", "Area (ha)"],
    )


def _unlocated_table(account: Account) -> Table | None:
    assets = account.estate.assets
    off = assets[assets["location_precision"] == "none"]
    if off.empty:
        return None
    rows = [
        [
            str(asset),
            str(row["name"] or row["address"] or "no name"),
            account.owner(row["organisation"]),
            str(row["postcode"] or NOT_KNOWN),
            f"{row['register']}, line {row['row']}",
        ]
        for asset, row in off.iterrows()
    ]
    note = "Accepted, but nothing in the register places them: no usable coordinate, title or parcel, and no postcode found in the directory."
    return one_table(
        "unlocated",
        f"Not on the map ({len(off):,})",
        note,
        ["Asset", "Name", "Organisation", "Postcode", "Source"],
        rows,
        folded=len(off) > 20,
    )


def _context_table(account: Account) -> Table | None:
    context = account.estate.context()
    if context.empty:
        return None
    rows = [
        [
            str(row["name"] or row["address"] or asset),
            {"private": "private", "public": "public"}.get(str(row["ownership"]), "not stated"),
            str(row["kind"]),
            f"{row['register']}, line {row['row']}",
        ]
        for asset, row in context.iterrows()
    ]
    note = "A register names them, but does not say that a public body owns them. They are drawn as context and are in no count of sites."
    return one_table(
        "context",
        f"Listed places not known to be public estate ({len(context):,})",
        note,
        ["Place", "Owner", "Kind of register", "Source"],
        rows,
    )


def _relations_table(account: Account) -> Table | None:
    if account.pairs.empty:
        return None
    names = of_each_site(account, "name")
    rows = [
        [
            names[pair["site_a"]] or pair["site_a"],
            names[pair["site_b"]] or pair["site_b"],
            pair["relation"],
            f"{pair['gap_m']:.1f}",
            f"{pair['shared_boundary_m']:.0f}" if pair["shared_boundary_m"] else "-",
            _between(pair),
            pair["basis"],
        ]
        for pair in records(account.pairs)
    ]
    note = (
        "Touching: gap at most 0.05 m. Opposite: a road crosses the shortest link of at most 40 m. Near: at most 25 m."
    )
    return one_table(
        "relations",
        f"Neighbouring sites ({len(rows):,} pairs)",
        note,
        ["Site", "Neighbour", "Relation", "Gap (m)", "Shared boundary (m)", "What lies between", "Measured from"],
        rows,
        numeric=["Gap (m)", "Shared boundary (m)"],
    )


def _between(pair: Mapping[str, Any]) -> str:
    if pair["relation"] in {"overlapping", "touching"}:
        return "-"
    if pair["between"] is None:
        return "not known"
    return lies_between(pair) or "other land"


def _constraints_table(account: Account) -> Table | None:
    frame = account.estate.constraints
    if frame.empty:
        return None
    reached: dict[str, list[str]] = defaultdict(list)
    for site, keys in account.sites["constraints"].items():
        for key in keys:
            reached[key].append(str(account.sites.at[site, "name"]))
    rows = [
        [
            str(row["name"] or row["constraint_id"]),
            row["kind"],
            row["state"],
            "; ".join(row["permitted_uses"]) or "-",
            str(row["detail"] or "-"),
            ", ".join(sorted(reached[row["constraint_id"]])) or "no site here",
            _marked_source(row),
        ]
        for row in frame.drop(columns="geometry").to_dict("records")
    ]
    note = "Facts are yes, no, arguable or unknown. Unknown means that nobody has looked or said; it is not no. Nothing here is a legal conclusion."
    return one_table(
        "constraints",
        f"Constraints ({len(rows):,})",
        note,
        ["Constraint", "Kind", "State", "Permits only", "What it says", "Reaches", "Source"],
        rows,
    )


def _marked_source(row: Mapping[str, Any]) -> str:
    return source_of(row) + (" (i)" if row["illustrative"] is True else "")


def _interests_table(account: Account) -> Table | None:
    frame = account.estate.interests
    if frame.empty:
        return None
    teller_names = {key: organisation.name for key, organisation in account.estate.organisations.items()}
    labelled = "audience" in frame
    heads = [
        "Subject",
        "Holder",
        "Interest",
        "Expiry",
        "Break",
        "Notice (months)",
        "Rent a year",
        "Clauses",
        "Source",
        *(["Audience"] if labelled else []),
    ]
    rows = [
        [
            str(row["subject"]),
            teller_names.get(row["holder"], row["holder"]),
            row["interest"],
            *_terms(row),
            str(row["clauses"] or "-"),
            _marked_source(row),
            *([row["audience"]] if labelled else []),
        ]
        for row in frame.to_dict("records")
    ]
    return one_table(
        "interests",
        f"Interests ({len(rows):,})",
        "Who holds what. A site has one freeholder and may have many holders.",
        heads,
        rows,
        numeric=["Notice (months)", "Rent a year"],
    )


def _terms(row: Mapping[str, Any]) -> list[str]:
    """Expiry, break, notice and rent; a freehold has none of them, of anything else what is blank is unknown."""
    blank = "-" if row["interest"] == "freehold" else NOT_KNOWN
    return [
        day(row["expiry"]) if row["expiry"] else blank,
        day(row["break_date"]) if row["break_date"] else blank,
        f"{row['notice_months']:.0f}" if row["notice_months"] is not None else blank,
        thousands(row["rent_gbp_pa"]) if row["rent_gbp_pa"] is not None else blank,
    ]


def _statements_table(account: Account) -> Table | None:
    frame = account.estate.facts
    if frame.empty:
        return None
    labelled = "audience" in frame
    heads = [
        "Statement",
        *(["Audience"] if labelled else []),
        "About",
        "Says of it",
        "Value",
        "Source",
        "As at",
        "In force",
    ]
    rows = [
        [
            str(row["fact_id"] or "-"),
            *([row["audience"]] if labelled else []),
            str(row["subject"] or row["subject_kind"]),
            row["field"],
            str(row["value"] or NOT_KNOWN),
            str(row["source"] or "source not stated") + (" (i)" if row["illustrative"] is True else ""),
            day(row["as_of"]),
            "yes" if row["in_force"] else "no",
        ]
        for row in frame.to_dict("records")
    ]
    return one_table(
        "statements",
        f"Statements ({len(rows):,})",
        "What people have said beyond the registers. The latest statement about a figure holds.",
        heads,
        rows,
    )


def quarantine_table(estate: Estate) -> Table | None:
    """Rows of registers and tables that were set aside, each with the reason."""
    frame, issues = estate.quarantined, estate.issues
    labelled = "audience" in frame
    rows = [
        [
            row["file"],
            row["row"],
            " ".join(part for part in (row["subject"], row["field"]) if part) or "-",
            row["value"] or "-",
            row["source"] or "-",
            row["reason"],
            *([row["audience"]] if labelled else []),
        ]
        for row in frame.to_dict("records")
    ]
    registers = issues[
        issues["action"].str.startswith("Row set aside") & issues["file"].isin(set(estate.registers["path"]))
    ]
    rows += [
        [
            row["file"],
            row["row"],
            row["column"] or "-",
            row["value"] or "-",
            "-",
            row["message"],
            *(["the whole register"] if labelled else []),
        ]
        for row in registers.to_dict("records")
    ]
    if not rows:
        return None
    heads = ["File", "Row", "About", "Value", "Source", "Why", *(["Audience"] if labelled else [])]
    return one_table(
        "quarantined", f"Rows set aside ({len(rows):,})", "Read, but not used until they are corrected.", heads, rows
    )


def withheld_table(estate: Estate) -> Table | None:
    """What is kept out of outputs, for the keeper."""
    frame = estate.withheld
    if frame.empty:
        return None
    rows = [
        [row["what"], row["file"], row["row"] or "-", row["column"] or "-", row["why"], row["released_by"]]
        for row in frame.to_dict("records")
    ]
    return one_table(
        "withheld",
        f"Left out ({len(rows):,})",
        "Only you are told: persons, columns nobody recognised, sensitive kinds of place, and outlines under a licence.",
        ["What", "File", "Row", "Column", "Why", "Released by"],
        rows,
    )


def registers_table(estate: Estate) -> Table | None:
    """The registers of an estate with the account of their rows."""
    frame = estate.registers
    names = {key: organisation.name for key, organisation in estate.organisations.items()}
    rows = [
        [
            row["path"],
            names.get(row["organisation"], row["organisation"]) or "several or not stated",
            row["kind"],
            f"{row['rows_read']:,}",
            f"{row['accepted']:,}",
            f"{row['quarantined']:,}",
            f"{row['located']:,}",
            day(row["as_of"]),
            (row["source"] or "not stated") + (" (i)" if row["illustrative"] else ""),
        ]
        for row in frame.to_dict("records")
    ]
    heads = ["Register", "Organisation", "Kind", "Rows read", "Accepted", "Set aside", "Located", "As at", "Source"]
    return one_table(
        "registers",
        f"Registers ({len(rows):,})",
        "Every row read is accepted or set aside with a reason.",
        heads,
        rows,
        numeric=heads[3:7],
    )
