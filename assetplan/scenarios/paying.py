"""Whether what pays for a scenario is there: in time, for that purpose, and enough of it. Whether it may lawfully is not judged."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from assetplan.scenarios.problem import CONFIRM, REFUSED, ScenarioProblem
from assetplan.text import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from assetplan.scenarios.funding import Funding
    from assetplan.scenarios.ground import Ground
    from assetplan.scenarios.scenario import Scenario

_SECURE = {"approved", "committed"}
_GONE = {"spent", "done", "withdrawn"}


def lapses(funding: Funding, plan: Mapping[str, Any] | None) -> int | None:
    """The last financial year in which money can be spent: what is said of it, else of the pot it draws on; None where nothing says."""
    if funding.expires is not None or plan is None:
        return funding.expires
    end: int | None = plan["to_year"]
    return end


def paid(ground: Ground, scenario: Scenario) -> Iterator[ScenarioProblem]:
    """What speaks against the funding of a scenario, as far as the estate of its reader says what there is."""
    drawn: dict[str, list[tuple[int, Funding]]] = defaultdict(list)
    for at, funding in enumerate(scenario.funding, start=1):
        plan = ground.plans.get(funding.plan)
        last = lapses(funding, plan)
        if last is not None and funding.year > last:
            yield _told(
                REFUSED, at, "year", funding, "lapsed", f"it is spent in {funding.year}, and can be spent until {last}.",
                "Spend it before, or say by expires that its giver lets it be spent later.",
            )  # fmt: skip
        if plan is not None:
            drawn[funding.plan].append((at, funding))
            yield from _of_pot(ground, at, funding, plan)
    for name, parts in drawn.items():
        yield from _enough(parts, ground.plans[name])


def _of_pot(ground: Ground, at: int, funding: Funding, plan: Mapping[str, Any]) -> Iterator[ScenarioProblem]:
    """What is wrong with one sum that draws on a row of plans.csv."""
    named = f"{visible(funding.plan)!r}"
    if plan["kind"] != "funding":
        yield _told(
            REFUSED,
            at,
            "plan",
            funding,
            "no-money",
            f"{named} is a {plan['kind']}, no money.",
            "Draw on a row of the kind funding.",
        )
        return
    if plan["from_year"] is not None and funding.year < plan["from_year"]:
        yield _told(
            REFUSED,
            at,
            "year",
            funding,
            "not-there-yet",
            f"{named} is there from {plan['from_year']}.",
            "Spend it then or later.",
        )
    if plan["pays_for"] not in {funding.pays_for, "either", None}:
        yield _told(
            REFUSED,
            at,
            "pays_for",
            funding,
            "other-purpose",
            f"{named} pays for {plan['pays_for']}, not for {funding.pays_for}.",
        )
    if plan["status"] in _GONE:
        yield _told(
            REFUSED, at, "plan", funding, "gone", f"{named} is {plan['status']}.", "Draw on money that is there."
        )
    elif plan["status"] not in _SECURE:
        said = f"{named} is {'no more than a bid' if plan['status'] == 'bid' else 'not said to be approved'}"
        yield _told(
            CONFIRM, at, "plan", funding, "not-secured", f"{said}.", "Ask who decides, and say what happens without it."
        )
    today = ground.estate.as_of
    if plan["as_of"] is not None and today is not None and plan["as_of"] > today:
        yield _told(
            CONFIRM, at, "plan", funding, "not-known-then",
            f"{named} is a statement of {plan['as_of']}, and this estate is that of {today}.", "Nobody could count on it then.",
        )  # fmt: skip


def _enough(parts: list[tuple[int, Funding]], plan: Mapping[str, Any]) -> Iterator[ScenarioProblem]:
    """Whether sums that draw on one pot are no more than it holds; where one of them is not, the last of them is named."""
    held = [plan[name] for name in ("low_gbp", "amount_gbp", "high_gbp") if plan[name] is not None]
    sums = [funding.amount_gbp for _, funding in parts if funding.amount_gbp is not None]
    if plan["kind"] != "funding" or not held:
        return
    least, most = sum(one.low for one in sums), sum(one.high for one in sums)
    if most <= min(held):
        return
    at, last = parts[-1]
    verdict = REFUSED if least > max(held) else CONFIRM
    yield _told(
        verdict, at, "amount_gbp", last, "overdrawn",
        f"{_pounds(least, most)} is drawn in all on {visible(last.plan)!r}, which holds {_pounds(min(held), max(held))}.", "Draw less.",
    )  # fmt: skip


def _pounds(low: float, high: float) -> str:
    return f"£{low:,.0f}" if low == high else f"£{low:,.0f} to £{high:,.0f}"


def _told(
    verdict: Any, at: int, field: str, funding: Funding, code: str, message: str, fix: str = ""
) -> ScenarioProblem:
    return ScenarioProblem(verdict, 0, f"funding {at}: {field}", funding.year, code, funding.plan, message, fix)
