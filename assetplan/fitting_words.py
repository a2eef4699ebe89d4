"""Which hosts could take which services in, in words: a matrix, the best hosts of each service, and one service host by host with reasons.

What is written comes from an estate already filtered for its reader; nothing is filtered in this module.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from assetplan.assembly_words import Names, Section, capital
from assetplan.estate import sites as sites_of
from assetplan.hosts.clauses import MIN_TERM_YEARS
from assetplan.hosts.premises import BESIDE_M, BUS_M
from assetplan.hosts.rooms import hours_in_words
from assetplan.hosts.verdicts import MOVES
from assetplan.listing import one_table
from assetplan.space.needs import KINDS, wanted_of
from assetplan.space.room import assumed
from assetplan.tables import records
from assetplan.text import counted, number, visible
from assetplan.wording import prices_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from assetplan.estate import Estate
    from assetplan.hosts.fitting import Suitability
    from assetplan.page.view import Table

NOT_RELEASED = "Which hosts could take which services is not released to this reader, so none are listed."
MEANING = (
    "Blocked: something stated forbids it, or there is too little room even after works. Not known: something it needs is not known, or is for "
    "counsel. Gap: something is missing that works, consent or money could bring. Fits: nothing that was looked at speaks against it."
)
LIMITS = (
    "Not a proposal, and no legal advice: what is not recorded of a host has not been searched for, and room that a host states counts for each "
    "service by itself. Distances are straight lines."
)
_SHORT = {"here now": "here", "fits": "fits", "gap": "gap", "not known": "?", "blocked": "no"}
_WIDE = 20  # hosts that a matrix has columns for
_CLOSE = 5  # hosts of one service that are told criterion by criterion
_ROWS = 300  # rows of a page's table
_SERVICES = 100  # services whose best hosts are told


class _Called:
    """What services, hosts and bodies are called, made safe to show."""

    def __init__(self, estate: Estate) -> None:
        self.bodies = Names(estate)
        self._hosts = {str(key): name for key, name in zip(estate.assets.index, estate.assets["name"], strict=True)}
        owners = {str(key): body for key, body in zip(estate.assets.index, estate.assets["organisation"], strict=True)}
        sites = sites_of(estate)
        for parcels, name in zip(sites["parcels"], sites["name"], strict=True):
            self._hosts |= {str(parcel): name for parcel in parcels if str(parcel) not in self._hosts}
        self._owners = owners
        self._services = dict(zip(estate.services["service_id"], estate.services["name"], strict=True))

    def host(self, key: str) -> str:
        return visible(str(self._hosts.get(key) or key))

    def owner(self, key: str) -> str:
        return self.bodies.owner(self._owners[key]) if key in self._owners else "not a public body's"

    def service(self, key: str) -> str:
        return visible(str(self._services.get(key) or key))


def told(estate: Estate, found: Suitability, service: str | None = None) -> list[Section]:
    """What `assetplan.suitability` found, for a terminal: of one service host by host, or of all.

    Raises
    ------
    SubjectError
        Where there is no such service.
    """
    if not estate.released("options"):
        return [Section("", (NOT_RELEASED,))]
    return _one(estate, found, service) if service is not None else _all(estate, found)


def _one(estate: Estate, found: Suitability, service: str) -> list[Section]:
    called = _Called(estate)
    order = found.best_first(service)
    row = next(row for row in records(estate.services) if row["service_id"] == service)
    head = [_about(called, row)]
    if row["fixed"] is True:
        return [Section(called.service(service), (*head, "It stays where it is, so no move is looked at."))]
    moves = order[order["verdict"].isin(MOVES)]
    if moves.empty:
        where = "" if row["asset_id"] is not None else " Nothing says where it is now."
        return [
            Section(
                called.service(service), (*head, f"No host is in reach of it ({number(found.reach_km)} km).{where}")
            )
        ]
    listed = [
        {
            "rank": str(rank),
            "host": f"{called.host(str(one['host']))} ({visible(str(one['host']))})",
            "whose": called.owner(str(one["host"])),
            "km": _km(one["distance_m"]),
            "verdict": str(one["verdict"]),
            "fits": str(one["fits"]),
            "gaps": str(one["gaps"]),
            "blockers": str(one["blockers"]),
            "not known": str(one["unknowns"]),
        }
        for rank, one in enumerate(records(moves), start=1)
    ]
    sections = [
        Section(called.service(service), tuple(head)),
        Section("Hosts, best first", (MEANING,), pd.DataFrame(listed)),
    ]
    for rank, host in enumerate(moves["host"].astype(str).head(_CLOSE), start=1):
        reasons = found.explain(service, host)
        table = pd.DataFrame(
            {
                "what": reasons["criterion"],
                "verdict": reasons["verdict"],
                "": [
                    visible(f"{says}{_marked(mark)}")
                    for says, mark in zip(reasons["says"], reasons["illustrative"], strict=True)
                ],
                "who says so": [visible(source) for source in reasons["source"]],
            }
        )
        sections.append(Section(f"{rank}. {called.host(host)}", (), table))
    if len(moves) > _CLOSE:
        sections.append(
            Section("", (f"{capital(counted(len(moves) - _CLOSE, 'further host'))} not told in full here.",))
        )
    return [*sections, Section("", (LIMITS, prices_in_words(estate), _assumed()))]


def _all(estate: Estate, found: Suitability) -> list[Section]:
    called = _Called(estate)
    if found.pairs.empty:
        none = "No service has a plausible host here."
        if estate.services.empty:
            none += " There are no services: put a services.csv into the estate folder."
        return [Section("Services and hosts", (none,)), *_left_out(called, found)]
    sections = [
        Section(
            "Services and hosts", tuple(said for said in (_counts(found), _staying(called, found), MEANING) if said)
        )
    ]
    hosts = _moved_to(found)
    if 0 < len(hosts) <= _WIDE:
        number_of = {host: str(i) for i, host in enumerate(hosts, start=1)}
        grid = _matrix(found, hosts)
        table = pd.DataFrame(
            {"service": [called.service(service) for service in grid.index]}
            | {number_of[host]: [_SHORT.get(word, "-") for word in grid[host]] for host in hosts}
        )
        legend = pd.DataFrame(
            {
                "": list(number_of.values()),
                "host": [f"{called.host(host)} ({visible(host)})" for host in hosts],
                "whose": [called.owner(host) for host in hosts],
            }
        )
        how = "Numbers are hosts, listed below. ? is not known, no is blocked, - is too far off to be looked at."
        sections += [Section("", (how,), table), Section("", (), legend)]
    cut = (_cut(found).strip(),) if _cut(found) else ()
    best = pd.DataFrame(_best(called, found), columns=list(_HEADS))
    sections.append(Section("The best hosts of each service", cut, best))
    return [*sections, *_left_out(called, found), Section("", (LIMITS, prices_in_words(estate), _assumed()))]


def tables(estate: Estate, found: Suitability) -> list[Table]:
    """What `assetplan.suitability` found, as tables of a page; none where options are not released to the estate's reader."""
    if not estate.released("options") or found.pairs.empty:
        return []
    called = _Called(estate)
    out = []
    hosts = _moved_to(found)
    if 0 < len(hosts) <= _WIDE:
        grid = _matrix(found, hosts)
        rows = [
            [called.service(str(service)), *(word or "not looked at" for word in grid.loc[service])]
            for service in grid.index
        ]
        heads = ["Service", *_apart([called.host(host) for host in hosts], hosts)]
        out.append(one_table("suitability", "Services and hosts", f"{MEANING} {LIMITS}", heads, rows))
    best = _best(called, found)
    note = (
        f"At most three hosts of each service, best first. {_staying(called, found)} {LIMITS} {_assumed()}{_cut(found)}"
    )
    rows = [list(row.values()) for row in best]
    heads = [capital(head) for head in _HEADS]
    out.append(
        one_table("suitability-reasons", "The best hosts of each service, and why", note, heads, rows, numeric=["Km"])
    )
    if len(found.left_out):
        left = [[called.host(str(row["host"])), capital(str(row["why"]))] for row in records(found.left_out)]
        more = f"The first {_ROWS:,} of {len(left):,}." if len(left) > _ROWS else ""
        out.append(one_table("no-hosts", "What is no host, and why", more, ["Place", "Why"], left[:_ROWS]))
    return out


# ------------------------------------------------------------------------------------------------------- parts

_HEADS = ("service", "host", "km", "verdict", "why", "who says so")


def _best(called: _Called, found: Suitability) -> list[dict[str, str]]:
    """The best hosts of each service with what stands most in the way."""
    rows = []
    for row in records(found.table(services=_served(found)[:_SERVICES])):
        service, host, verdict = str(row["service_id"]), str(row["host"]), str(row["verdict"])
        against = found.against(service, host) if verdict in MOVES else []
        fine = "No host in reach." if verdict == "here now" else "Nothing that was looked at speaks against it."
        words = dict.fromkeys(word for _, word, _ in against)
        says = " ".join(
            f"{capital(word)}: {', '.join(one.brief or label for label, said, one in against if said == word)}."
            for word in words
        )
        rows.append(
            {
                "service": called.service(service),
                "host": called.host(host),
                "km": _km(row["distance_m"]),
                "verdict": verdict,
                "why": visible(says + _marked(any(one.illustrative for *_, one in against))) if against else fine,
                "who says so": visible(
                    "; ".join(dict.fromkeys(part for *_, one in against for part in one.source.split("; ")))
                ),
            }
        )
    return rows


def _about(called: _Called, row: Mapping[str, Any]) -> str:
    now = (
        f"now in {called.host(str(row['asset_id']))}" if row["asset_id"] is not None else "nothing says where it is now"
    )
    wants = [f"{number(row[column])} {unit}" for column, unit in wanted_of(KINDS) if (row[column] or 0) > 0]
    if not wants and row["area_m2"]:
        wants = [f"{number(row['area_m2'])} m2 of a kind not stated"]
    wanted = (
        f"Wants {', '.join(wants)}, {hours_in_words(row['hours'])}" if wants else "What room it wants is not stated"
    )
    return (
        f"{capital(visible(str(row['function'])))} of {called.bodies.owner(str(row['organisation']))}, {now}. {wanted}."
    )


def _cut(found: Suitability) -> str:
    count = len(_served(found))
    return (
        f" The first {_SERVICES:,} of {count:,} services; ask for another by its identifier."
        if count > _SERVICES
        else ""
    )


def _counts(found: Suitability) -> str:
    counts = found.pairs["verdict"].value_counts()
    said = ", ".join(f"{counts.get(word, 0):,} {word}" for word in MOVES)
    services = counted(len(_served(found)), "service")
    return f"{capital(services)} looked at, hosts up to {number(found.reach_km)} km off: {said}."


def _staying(called: _Called, found: Suitability) -> str:
    stay = sorted(
        called.service(str(service)) for service in found.pairs.loc[found.pairs["verdict"] == "stays", "service_id"]
    )
    if not stay:
        return ""
    more = f" and {len(stay) - _CLOSE:,} more" if len(stay) > _CLOSE else ""
    return f"No move is looked at for what stays where it is: {', '.join(stay[:_CLOSE])}{more}."


def _moved_to(found: Suitability) -> list[str]:
    """The hosts that are looked at for some service."""
    return sorted(map(str, found.pairs.loc[found.pairs["verdict"].isin(MOVES), "host"].unique()))


def _served(found: Suitability) -> list[str]:
    """The services for which some place is looked at, those that stay left out."""
    return sorted(map(str, found.pairs.loc[found.pairs["verdict"] != "stays", "service_id"].unique()))


def _matrix(found: Suitability, hosts: list[str]) -> pd.DataFrame:
    pairs = found.pairs.loc[found.pairs["verdict"] != "stays", ["service_id", "host", "verdict"]].astype(str)
    grid = pairs.pivot_table(index="service_id", columns="host", values="verdict", aggfunc="first")
    grid = grid.reindex(columns=hosts).astype(object)
    return grid.where(grid.notna(), "")


def _apart(names: list[str], keys: list[str]) -> list[str]:
    """Names, with their identifier where two are the same."""
    twice = {name for name, count in Counter(names).items() if count > 1}
    return [f"{name} ({visible(key)})" if name in twice else name for name, key in zip(names, keys, strict=True)]


def _left_out(called: _Called, found: Suitability) -> list[Section]:
    if found.left_out.empty:
        return []
    why: dict[str, list[str]] = {}
    for row in records(found.left_out):
        why.setdefault(str(row["why"]), []).append(called.host(str(row["host"])))
    rows = [
        {
            "why": reason,
            "how many": str(len(names)),
            "which": ", ".join(names[:_CLOSE]) + (" and others" if len(names) > _CLOSE else ""),
        }
        for reason, names in sorted(why.items())
    ]
    return [Section("No hosts", (), pd.DataFrame(rows))]


def _assumed() -> str:
    return (
        f"Assumptions: {assumed()}; at least {MIN_TERM_YEARS:g} years left of a lease; a bus stop within {BUS_M:.0f} m for services people visit; "
        f"beside means within {BESIDE_M:.0f} m."
    )


def _km(distance_m: float) -> str:
    return "not known" if np.isnan(distance_m) else f"{distance_m / 1000:,.1f}"


def _marked(illustrative: object) -> str:
    return " [illustrative]" if illustrative is True else ""
