"""What happens to leases and licences, and when: ends of terms, breaks, and the last day to serve notice.

Dates are those that interests and registers state. What a lease says decides, and nobody has read it here: every date is to be confirmed
against the lease, and nothing in this module is a legal conclusion.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from assetplan.errors import EstateError
from assetplan.estate import sites as sites_of
from assetplan.schema import table
from assetplan.site import UNKNOWN
from assetplan.tables import records
from assetplan.text import words
from assetplan.wording import day, source_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assetplan.estate import Estate

MONTHS = 36
PASSED_MONTHS = 12
LONGEST_MONTHS = 1_200
COLUMNS = tuple(table("lease_events"))
# The order of events of one day, and of what has no day.
_ORDER = ("notice by", "break", "expiry", "on notice")
_ROLLING = {"licence", "tenancy at will", "MOTO", "other"}
_NO_TERM = {"freehold", "trust"}
_AT_THE_END = {
    "lease": "Settle well before whether to renew, leave or let again, and what has to be put right at the end.",
    "licence": "Settle before whether it is renewed.",
    "option": "Settle before whether the option is used.",
    "PFI": "Settle well before what is handed back, in what condition, and who runs it then.",
}
_LEASES = {"lease", "long lease", "sublease"}
_PAPERS = {**dict.fromkeys(_LEASES, "lease"), "licence": "licence"}


def shifted(date: dt.date, months: int) -> dt.date | None:
    """The same day some months later, or earlier where they are below 0; the last of a month that has no such day.

    This is how notice is reckoned, by the corresponding date (Dodds v Walker [1981] 1 WLR 1027). None where it leaves the calendar.

    Examples
    --------
    >>> shifted(dt.date(2011, 8, 31), -6), shifted(dt.date(2011, 6, 24), -6)
    (datetime.date(2011, 2, 28), datetime.date(2010, 12, 24))
    """
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return None
    return dt.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


def last_day_to_serve(date: dt.date, notice_months: float) -> dt.date | None:
    """The last day on which notice is safely served that ends something on a date: the day before the corresponding one.

    Months in part count whole. A day more may do, where the lease says so; what it says decides. None where no such day is in the calendar.

    Parameters
    ----------
    date
        Day on which what is ended ends.
    notice_months
        Length of the notice, 0 or more.

    Examples
    --------
    >>> last_day_to_serve(dt.date(2011, 6, 24), 6)
    datetime.date(2010, 12, 23)
    """
    if not math.isfinite(notice_months) or notice_months < 0 or notice_months > 12 * dt.MAXYEAR:
        return None
    corresponding = shifted(date, -math.ceil(notice_months))
    return None if corresponding in {None, dt.date.min} else corresponding - dt.timedelta(days=1)


def lease_events(
    estate: Estate,
    *,
    months: int = MONTHS,
    since: dt.date | None = None,
    passed_months: int = PASSED_MONTHS,
) -> pd.DataFrame:
    """Which leases and licences end or may be ended in the months ahead, and the last day to serve notice.

    Parameters
    ----------
    estate
        The estate, as its reader may know it.
    months
        How many months ahead count, from 1 to 1,200.
    since
        Day from which they count; the estate's ``as_of`` where none is given. There is no clock: the same estate gives the same rows.
    passed_months
        How many months back an end counts that has gone by, where nothing here says what followed; 0 leaves these out.

    Returns
    -------
    pandas.DataFrame
        Columns as ``assetplan columns --table lease_events`` lists them; in order of the days, what has none last. Of a break a notice
        is told as well: its day where the length of notice is known, `state` ``not known`` where it is not, ``passed`` where it has gone by
        while the break is ahead. What can be ended at any time has the event ``on notice`` and no day. `attrs` hold ``since``, ``until`` and
        ``ended_before``, how many terms ended earlier than all of this of which nothing here says what followed.

    Raises
    ------
    EstateError
        Where nothing says from which day to count.
    ValueError
        Where a number of months is none that can be used.

    Notes
    -----
    Ends of terms in registers (``lease_expiry``) count beside the table of interests; one that this table gives as well is told once.

    Examples
    --------
    >>> import assetplan as ap
    >>> events = ap.lease_events(ap.read_estate("data/malton").for_audience("nycc"))
    >>> events.loc[events["interest_id"] == "area-office-lease", ["event", "date"]].values.tolist()
    [['notice by', datetime.date(2010, 12, 23)], ['break', datetime.date(2011, 6, 24)], ['expiry', datetime.date(2013, 6, 23)]]
    """
    window = _Window.of(estate, months, since, passed_months)
    terms = list(_terms(estate))
    followed = _followed(terms)
    rows: list[dict[str, Any]] = []
    for term in terms:
        rows += _events(term, window, followed)
    rows.sort(key=lambda row: (row.pop("at"), _ORDER.index(row["event"]), row["interest_id"] or "", row["subject"]))
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
    older = sum(term.expiry is not None and term.expiry < window.back and term not in followed for term in terms)
    frame.attrs = {"since": window.since, "until": window.until, "ended_before": older}
    return frame


def terms_not_known(estate: Estate) -> pd.DataFrame:
    """Leases and licences of which nothing here says when they end, nor that they may be ended: their events are not known, not none.

    Returns
    -------
    pandas.DataFrame
        ``interest_id, subject, name, organisation, holder, interest, source``, in order of the subjects.
    """
    names = ("interest_id", "subject", "name", "organisation", "holder", "interest", "source")
    terms = list(_terms(estate))
    rows = [
        {name: getattr(term, name) for name in names}
        for term in terms
        if term.expiry is None and term.break_date is None and term.notice_months is None
    ]
    told = {(term.subject, term.holder) for term in terms}
    place = Places(estate)
    held = estate.assets[(estate.assets["tenure"] == "leasehold") & (estate.assets["status"] != "disposed")]
    for asset, row in zip(map(str, held.index), records(held[_OF_ASSETS]), strict=True):
        who = place.organisation(asset)
        if (asset, who) not in told and place.site(asset):
            rows.append(
                dict(zip(names, (None, asset, place.name(asset), who, who, "lease", place.line(row)), strict=True))
            )
    rows.sort(key=lambda row: (row["subject"], row["interest_id"] or ""))
    return pd.DataFrame(rows, columns=list(names), dtype=object)


# ------------------------------------------------------------------------------------------------------- terms

_OF_ASSETS = ["organisation", "register", "row", "lease_expiry", "status", "illustrative"]


@dataclass(frozen=True)
class _Window:
    """The days that count: from one day to another, and those since an earlier one for what has gone by."""

    since: dt.date
    until: dt.date
    back: dt.date

    @classmethod
    def of(cls, estate: Estate, months: int, since: dt.date | None, passed_months: int) -> _Window:
        for name, number, least in (("months", months, 1), ("passed_months", passed_months, 0)):
            if isinstance(number, bool) or not hasattr(number, "__index__") or not least <= number <= LONGEST_MONTHS:
                raise ValueError(f"{name}: {number!r} is no whole number of months from {least} to {LONGEST_MONTHS:,}.")
        first = since or estate.as_of
        if first is None:
            raise EstateError(
                f"{estate.name}: nothing says from which day lease events count. Give it as since= (--since), or as_of = 2026-04-01 in estate.toml."
            )
        if isinstance(first, dt.datetime):
            first = first.date()
        return cls(
            first, shifted(first, int(months)) or dt.date.max, shifted(first, -int(passed_months)) or dt.date.min
        )


@dataclass(frozen=True)
class _Term:
    """One lease, licence or the like, with what is stated of its end."""

    interest_id: str | None
    subject: str
    name: str
    site: str | None
    organisation: str | None
    holder: str
    interest: str
    start: dt.date | None
    expiry: dt.date | None
    break_date: dt.date | None
    notice_months: float | None
    rent_gbp_pa: float | None
    clauses: str | None
    source: str
    illustrative: bool
    doubts: tuple[str, ...] = ()

    @property
    def confirm(self) -> str:
        """That nobody here has read what decides."""
        return f"To be confirmed against the {_PAPERS.get(self.interest, 'agreement')}."


class Places:
    """What the subjects of interests are called, on which site they are, and whose they are."""

    def __init__(self, estate: Estate) -> None:
        sites = sites_of(estate)
        self._site: dict[str, str] = {}
        for site, assets, parcels in zip(map(str, sites.index), sites["assets"], sites["parcels"], strict=True):
            self._site |= dict.fromkeys((*map(str, assets), *map(str, parcels)), site)
        self._site_row = dict(
            zip(map(str, sites.index), zip(sites["organisation"], sites["name"], strict=True), strict=True)
        )
        assets = estate.assets
        self._asset = dict(
            zip(
                map(str, assets.index),
                zip(assets["organisation"], assets["name"], assets["address"], strict=True),
                strict=True,
            )
        )
        self._parcel = dict(zip(map(str, estate.land.index), estate.land["name"], strict=True))
        self._dated = dict(zip(estate.registers["path"], estate.registers["as_of"], strict=True))

    def site(self, subject: str) -> str | None:
        """The site an asset or parcel is on."""
        return self._site.get(subject)

    def name(self, subject: str) -> str:
        """What an asset or parcel is called, else its identifier."""
        if subject in self._asset:
            _, name, address = self._asset[subject]
            return str(name or address or subject)
        own = self._parcel.get(subject) or self._site_row.get(self._site.get(subject, ""), (None, None))[1]
        return str(own or subject)

    def organisation(self, subject: str) -> str | None:
        """Whose register lists an asset; whose a parcel is, None where that is not known."""
        if subject in self._asset:
            own = str(self._asset[subject][0])
        else:
            own = str(self._site_row.get(self._site.get(subject, ""), (UNKNOWN, None))[0])
        return None if own == UNKNOWN else own

    def line(self, row: Mapping[str, Any]) -> str:
        """Where a row of a register stands."""
        dated = self._dated.get(row["register"])
        return f"{row['register']}, line {row['row']}" + (f", as at {day(dated)}" if dated else "")


def _terms(estate: Estate) -> Iterator[_Term]:
    """The leases, licences and the like of the table of interests, then ends of leases that registers alone state."""
    place = Places(estate)
    by_name = {words(organisation.name): key for key, organisation in estate.organisations.items()}
    stated: dict[tuple[str, str], list[dt.date]] = defaultdict(list)
    frame = estate.interests[~estate.interests["interest"].isin(_NO_TERM)]
    for row in records(frame):
        subject, holder = str(row["subject"]), str(row["holder"])
        holder = holder if holder in estate.organisations else by_name.get(words(holder), holder)
        if row["expiry"] is not None:
            stated[subject, holder].append(row["expiry"])
        yield _Term(
            row["interest_id"], subject, place.name(subject), place.site(subject), place.organisation(subject), holder,
            row["interest"], row["start"], row["expiry"], row["break_date"], row["notice_months"], row["rent_gbp_pa"],
            row["clauses"], source_of(row), row["illustrative"] is True, tuple(_doubts(row)),
        )  # fmt: skip
    listed = estate.assets[estate.assets["lease_expiry"].notna()]
    for asset, row in zip(map(str, listed.index), records(listed[_OF_ASSETS]), strict=True):
        organisation, expiry = str(row["organisation"]), row["lease_expiry"]
        others = stated.get((asset, organisation), [])
        if place.site(asset) is None or expiry in others:
            continue
        doubts = [f"The table of interests gives {day(min(others))}: one of the two is wrong."] if others else []
        if row["status"] == "disposed":
            doubts.append("The register says that the asset is disposed of.")
        yield _Term(
            None, asset, place.name(asset), place.site(asset), place.organisation(asset), organisation, "lease", None, expiry, None,
            None, None, None, place.line(row), row["illustrative"] is True, tuple(doubts),
        )  # fmt: skip


def _doubts(row: Mapping[str, Any]) -> Iterator[str]:
    for early, late, said in (
        ("start", "expiry", "The term would end before it starts"),
        ("break_date", "expiry", "The break lies after the end of the term"),
        ("start", "break_date", "The break lies before the start of the term"),
    ):
        if row[early] is not None and row[late] is not None and row[early] > row[late]:
            yield f"{said}: one of the dates is wrong."


def _followed(terms: Iterable[_Term]) -> set[_Term]:
    """Terms that another follows: the same holder's in the same asset or parcel, which ends later or has no end stated."""
    last: dict[tuple[str, str], dt.date] = {}
    terms = list(terms)
    for term in terms:
        key = term.subject, term.holder
        last[key] = max(last.get(key, dt.date.min), term.expiry or dt.date.max)
    return {term for term in terms if term.expiry is not None and last[term.subject, term.holder] > term.expiry}


# ------------------------------------------------------------------------------------------------------- events


def _events(term: _Term, window: _Window, followed: set[_Term]) -> Iterator[dict[str, Any]]:
    if term.break_date is not None and term.break_date >= window.since:
        yield from _at_break(term, term.break_date, window)
    elif term.break_date is None and term.notice_months is not None and (term.expiry or dt.date.max) >= window.since:
        yield _row(
            term,
            "on notice",
            None,
            "at any time",
            _rolling(term, term.notice_months, window.since),
            window,
            dt.date.max,
        )
    if term.expiry is None:
        return
    if window.since <= term.expiry <= window.until:
        kind = "lease" if term.interest in _LEASES else term.interest
        todo = _AT_THE_END.get(kind, "Settle before what follows.")
        yield _row(term, "expiry", term.expiry, "ahead", f"{todo} {term.confirm}", window)
    elif window.back <= term.expiry < window.since and term not in followed:
        todo = "The end has gone by and nothing here says what followed: find out whether the holder is holding over, and on what terms."
        yield _row(term, "expiry", term.expiry, "passed", todo, window)


def _at_break(term: _Term, end: dt.date, window: _Window) -> Iterator[dict[str, Any]]:
    """The break and its notice, where either is in the window or the day for notice has gone by."""
    serve = None if term.notice_months is None else last_day_to_serve(end, term.notice_months)
    if serve is not None and serve <= window.until:
        length = f"{term.notice_months:g} months' notice"
        todo = (
            f"Decide whether to break on {day(end)}: {length} has to be served by this day at the latest, as reckoned here."
            if serve >= window.since
            else f"The last day to serve {length} for the break on {day(end)} has gone by, as reckoned here: ask whether it can still be used."
        )
        yield _row(
            term, "notice by", serve, "ahead" if serve >= window.since else "passed", f"{todo} {term.confirm}", window
        )
    if end > window.until:
        return
    if serve is None:
        why = (
            "is not stated"
            if term.notice_months is None
            else f"is stated as {term.notice_months:g} months, which cannot be right"
        )
        todo = f"The length of notice for the break on {day(end)} {why}: read the lease now, for the day may be near or gone."
        yield _row(term, "notice by", None, "not known", todo, window, end)
    used = "if notice was served in time and every condition is met"
    unknown = " How long before notice has to be served is not known: read the lease now." if serve is None else ""
    yield _row(
        term,
        "break",
        end,
        "ahead",
        f"The term ends on this day {used}; otherwise it runs on.{unknown} {term.confirm}",
        window,
    )


def _rolling(term: _Term, notice_months: float, since: dt.date) -> str:
    out = shifted(since, math.ceil(notice_months)) if notice_months <= LONGEST_MONTHS else None
    length = f"{notice_months:g} months' notice"
    if term.interest not in _ROLLING:
        return f"{length} is stated, but no day on which it may end anything: read what it is for. {term.confirm}"
    when = f"; served on {day(since)} it would run out on {day(out)}" if out else ""
    return f"Can be ended on {length}, as far as is stated{when}. {term.confirm}"


def _row(
    term: _Term, event: str, date: dt.date | None, state: str, todo: str, window: _Window, at: dt.date | None = None
) -> dict[str, Any]:
    row = {name: getattr(term, name) for name in COLUMNS if hasattr(term, name)}
    row |= {
        "event": event,
        "date": date,
        "state": state,
        "days_left": None if date is None else (date - window.since).days,
        "what_to_do": " ".join((todo, *term.doubts)),
        "at": date or at,
    }
    return row
