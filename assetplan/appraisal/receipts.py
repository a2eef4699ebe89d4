"""What receipts may be used for, by whom: by what is sold, by the sector of whoever sells it, and by what a scenario says is settled.

What passes from this is that one body's receipts are not another's capital, nor all of one body's its own: proceeds of school land and
playing fields go back to schools and sport, an NHS body's need cover in the year in which they are spent. Nothing here is legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assetplan.figures.borrowing import capital_rules
from assetplan.scenarios.actions import Build, Dispose, Release
from assetplan.scenarios.course import done_in
from assetplan.space.buildings import SCHOOL, kind_in_words

if TYPE_CHECKING:
    from assetplan.appraisal.stated import Stated
    from assetplan.scenarios.course import Course

GENERAL = ""
"""The pot of receipts that may be used for any capital of their body, or to repay debt."""
SCHOOLS = "schools and sport"
LEAST_GBP = 10_000.0
"""What a sale brings a local authority, police or fire authority up to this is revenue and no capital receipt: Local Authorities (Capital Finance
and Accounting) (England) Regulations 2003, regulation 9 (to be checked)."""
_ANY = {
    "capital", "any capital", "general capital", "capital or debt", "capital or repaying debt", "capital or repayment of debt",
    "any capital or debt", "general",
}  # fmt: skip
_OWN = "capital of its body, or repaying debt"
_NHS = "capital of its NHS body, with cover (CDEL) in the year in which it is spent"
_PLAY = ("playing field", "school", "sports field", "sports ground")


@dataclass(frozen=True)
class Sale:
    """One disposal that brings a receipt, and what that may be used for.

    Attributes
    ----------
    action, subject, organisation
        Number of its action, what goes, and whose it is.
    year
        Financial year in which it completes.
    pot
        The restricted pot it goes into; `GENERAL` where it goes into none.
    usable_for, usable_by
        What it may be used for and by whom, in words.
    because
        Why, in words.
    hangs_on
        The consents and releases it hangs on, in words; blank where none is known.
    to_taker
        Body of the estate that pays it; blank where nobody of the estate does.
    """

    action: int
    subject: str
    organisation: str
    year: int
    pot: str
    usable_for: str
    usable_by: str
    because: str
    hangs_on: str
    to_taker: str = ""


def sales(course: Course, stated: Stated) -> dict[tuple[int, str], Sale]:
    """The disposals of a scenario that bring a receipt, by the number of the action and what goes."""
    out = {}
    for at, action in course.actions:
        if isinstance(action, Dispose) and action.receipt_gbp is not None:
            body = action.organisation or stated.holder(course.land_of(action.asset))
            out[at, action.asset] = _sale(course, stated, at, action, body)
    return out


def _sale(course: Course, stated: Stated, at: int, action: Dispose, body: str) -> Sale:
    bodies = stated.ground.estate.organisations
    sector = bodies[body].sector if body in bodies else ""
    pot, usable_for, because = _use(course, stated, action, sector)
    taker = next(
        (key for key, one in bodies.items() if action.recipient and action.recipient.casefold() in {key.casefold(), one.name.casefold()}), ""
    )  # fmt: skip
    return Sale(at, action.asset, body, action.year, pot, usable_for, body, because, _hangs_on(course, action), taker)


def _use(course: Course, stated: Stated, action: Dispose, sector: str) -> tuple[str, str, str]:
    said = action.usable_for.strip()
    if said:
        pot = GENERAL if said.casefold() in _ANY else said
        return pot, said, "as the scenario states it"
    if is_school_land(course, stated, action.asset):
        return SCHOOLS, SCHOOLS, "proceeds of school land and playing fields go back to schools and sport"
    charges = capital_rules(sector).charges
    if charges == "NHS":
        return GENERAL, _NHS, "NHS capital is limited by the year, whatever it is paid from"
    if charges == "not known":
        return GENERAL, f"{_OWN}: taken as a council's, to be checked", "its sector is not known"
    return GENERAL, _OWN, "capital receipts are for capital or debt, not for revenue"


def is_school_land(course: Course, stated: Stated, place: str) -> bool:
    """Whether a place is a school or a playing field: by its use, or by a consent for such land that binds it."""
    land = course.land_of(place)
    row = stated.assets.get(land)
    use = str(row["use"] or "") if row else ""
    if kind_in_words(use) == SCHOOL or any(word in use.casefold() for word in _PLAY):
        return True
    parcel = stated.ground.estate.land
    name = str(parcel.loc[land, "name"] or "") if land in parcel.index else ""
    consents = [
        str(one["name"] or "")
        for one in stated.ground.bound.get(land, ())
        if one["kind"] == "consent" and bound_to(one, land)
    ]
    return any(word in said.casefold() for said in (name, *consents) for word in _PLAY)


def bound_to(constraint: Any, place: str) -> bool:
    """Whether a constraint is about a place itself and not only about another on its site."""
    return str(constraint["subject"] or "") in {"", place}


def _hangs_on(course: Course, action: Dispose) -> str:
    land = course.land_of(action.asset)
    sought = {
        one.constraint: (at, one)
        for at, one in course.actions
        if isinstance(one, Release) and done_in(one) <= action.year
    }
    out = []
    for row in course.ground.bound.get(land, ()):
        key, name = str(row["constraint_id"]), str(row["name"] or row["constraint_id"])
        if key in sought:
            at, release = sought[key]
            chance = release.probability_percent
            odds = "chance not known" if chance is None else f"chance {chance.low:g} to {chance.high:g}%"
            out.append(f"{name} ({release.route}, action {at}, {odds})")
        elif row["kind"] == "consent" and bound_to(row, land):
            out.append(f"{name} (not sought in this scenario)")
    return "; ".join(dict.fromkeys(out))


def use_of(course: Course, stated: Stated, place: str) -> str:
    """What a place is used for once a scenario has built on it, else what its register says."""
    for _, action in course.actions:
        if isinstance(action, Build) and place in {action.new_asset, action.asset} and action.use:
            return str(action.use)
    row = stated.assets.get(course.land_of(place))
    return str(row["use"] or "") if row else ""


def pays_for(pot: str, place: str, use: str) -> bool:
    """Whether a restricted pot pays for capital at a place of some use: schools for schools, else where it names the place or its use."""
    if pot == GENERAL:
        return True
    if pot == SCHOOLS:
        return kind_in_words(use) == SCHOOL or any(word in use.casefold() for word in (*_PLAY, "sport"))
    said = pot.casefold()
    return bool(place and place.casefold() in said) or bool(use and use.casefold() in said)
