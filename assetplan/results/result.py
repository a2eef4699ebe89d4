"""The appraisal of one scenario: both cases, what they rest on, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from assetplan.appraisal.cases import Cases
from assetplan.doubt.grants import grant_frame, grant_returns
from assetplan.doubt.strain import strain_frame
from assetplan.doubt.stress import hold_frame, stress_frame
from assetplan.doubt.uncertainty import DRAWS, NPV, SEED, draws, tornado
from assetplan.doubt.withdrawing import break_evens_of
from assetplan.effects.delivering import deliverability
from assetplan.effects.journeys import access_effect
from assetplan.effects.responding import response_effect
from assetplan.effects.timing import timeline
from assetplan.effects.wards import ward_effect
from assetplan.explaining.do_minimum_figures import DoingNothing
from assetplan.explaining.explainer import explainer_of

if TYPE_CHECKING:
    import pandas as pd

    from assetplan.doubt.grants import GrantReturn
    from assetplan.doubt.uncertainty import Draws
    from assetplan.doubt.withdrawing import BreakEven
    from assetplan.effects.deliverable import Deliverability
    from assetplan.effects.journeys import AccessEffect
    from assetplan.effects.responding import ResponseEffect
    from assetplan.effects.wards import WardEffect
    from assetplan.explaining.explainer import Explainer
    from assetplan.figures.explanation import Explanation


@dataclass(frozen=True, eq=False)
class Appraisal(Cases):
    """What a scenario does, against a baseline, to the whole and to each body; how sure that is, what else it does, where each figure is from.

    It has all that `assetplan.appraisal.cases.Cases` has: ``npv_gbp``, ``npv_range_gbp``, ``public_value_gbp``, ``bcr``, ``payback_year``,
    ``capital_gbp``, ``receipts_gbp``, ``running_cost_change_gbp_pa``, ``lines``, ``by_organisation()``, ``revenue()``, ``receipts()``,
    ``capital()``, ``losers()``, ``bridge()``.
    """

    # ------------------------------------------------------------------------------------------- how sure it is

    def tornado(self, of: str = NPV) -> pd.DataFrame:
        """What each input does by itself to a present value; see `assetplan.doubt.uncertainty.tornado`."""
        return tornado(self.economic, of)

    def draws(self, count: int = DRAWS, seed: int = SEED) -> Draws:
        """Present values with all inputs drawn at once; see `assetplan.doubt.uncertainty.draws`.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> result = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s1-police-next-door.toml"))
        >>> drawn = result.draws(1_000, seed=1)
        >>> len(drawn), bool(result.npv_range_gbp[0] < drawn.npv_gbp.min()), list(drawn.quantiles.index[:2])
        (1000, True, ['npv_gbp', 'public_value_gbp'])
        """
        return draws(self.economic, count, seed)

    @cached_property
    def _stresses(self) -> pd.DataFrame:
        return stress_frame(self)

    def stress(self) -> pd.DataFrame:
        """What it is worth where something named goes wrong; see `assetplan.doubt.stress.stress_frame`."""
        return self._stresses.copy()

    @cached_property
    def _strains(self) -> pd.DataFrame:
        return strain_frame(self)

    def stressed_budgets(self) -> pd.DataFrame:
        """What the same does to each body's own money; see `assetplan.doubt.strain.strain_frame`."""
        return self._strains.copy()

    def hold_or_sell(self) -> pd.DataFrame:
        """What holding on to what is sold costs; see `assetplan.doubt.stress.hold_frame`."""
        return hold_frame(self)

    @cached_property
    def _break_evens(self) -> tuple[BreakEven, ...]:
        return tuple(break_evens_of(self))

    def break_evens(self) -> list[BreakEven]:
        """What would make one withdraw it, or what would have to be true for it to be worth it; the three most telling first.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> hub = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s8-go-alone.toml"))
        >>> hub.npv_gbp < 0, hub.break_evens()[0].about, hub.break_evens()[0].value < 0
        (True, 'capital', True)
        """
        return list(self._break_evens)

    # ------------------------------------------------------------------------------------------- what funders ask

    @cached_property
    def _grants(self) -> tuple[GrantReturn, ...]:
        return tuple(grant_returns(self))

    def grants(self) -> pd.DataFrame:
        """Each grant with the return that its giver asks for, and whether it is met; see `assetplan.doubt.grants.grant_frame`."""
        return grant_frame(self._grants)

    @property
    def roi_gross(self) -> float | None:
        """Cashable benefits to a pound of grant, where a giver asks for a return; the least of several; None where none asks."""
        return min((one.gross for one in self._grants if one.gross is not None), default=None)

    @property
    def roi_net(self) -> float | None:
        """The same less what the scenario costs in the years that count."""
        return min((one.net for one in self._grants if one.net is not None), default=None)

    # ------------------------------------------------------------------------------------------- doing nothing

    @cached_property
    def undone(self) -> DoingNothing:
        """What its baseline spends, with what is not counted there."""
        return DoingNothing(self)

    def doing_nothing(self) -> pd.DataFrame:
        """What the baseline itself spends on the places that the scenario is about: what is done if nothing is done.

        Returns
        -------
        DataFrame
            One row for each body and year: `running_gbp` of the places in use, with rents and business rates; `repairs_gbp`, the backlog that the
            baseline spends; `other_gbp`, what else a baseline of one's own does; `spent_gbp`, their sum, with `low_gbp` and `high_gbp`. Real
            pounds of the estate's price base, not discounted, above 0 where they are spent. Places with which nothing is done are not in it.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> result = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s5-blue-light.toml"))
        >>> spent = result.doing_nothing().groupby("organisation")[["running_gbp", "repairs_gbp"]].first()
        >>> (
        ...     float(spent.at["nhs", "running_gbp"]),
        ...     float(spent.at["nhs", "repairs_gbp"]),
        ... )  # in the base year: repairs begin a year later
        (30000.0, 0.0)
        """
        return self.undone.frame()

    # ------------------------------------------------------------------------------------------- beside money

    @cached_property
    def access(self) -> AccessEffect:
        """How far people go for what it moves, before and after."""
        return access_effect(self.estate, self.scenario, groundwork=self.groundwork)

    @cached_property
    def response(self) -> ResponseEffect:
        """What it does to emergency response."""
        return response_effect(self.estate, self.scenario, groundwork=self.groundwork)

    @cached_property
    def by_ward(self) -> WardEffect:
        """Both of these by ward and parish, where the estate has such areas."""
        return ward_effect(self.estate, self.access, self.response)

    @cached_property
    def deliverability(self) -> Deliverability:
        """Whether it can be delivered: who is willing, what presses, what is planned, what could stop it, how sure its figures are."""
        return deliverability(
            self.estate,
            self.scenario,
            self.problems,
            inputs=self.inputs.values(),
            uncounted=[what for _, what in self.unknown],
            groundwork=self.groundwork,
        )

    def timeline(self) -> pd.DataFrame:
        """What happens in which year: works, moves, what stands empty, consents, sales, ends of leases, money that lapses."""
        return timeline(
            self.estate,
            self.scenario,
            self.groundwork.ground,
            self.run.course,
            problems=self.problems,
            groundwork=self.groundwork,
        )

    # ------------------------------------------------------------------------------------------- where figures come from

    @cached_property
    def _explainer(self) -> Explainer:
        return explainer_of(self)

    def figure_ids(self) -> tuple[str, ...]:
        """What every figure of it is known by, for `explain`."""
        return tuple(dict.fromkeys(self._explainer.ids()))

    def knows(self, figure_id: str) -> bool:
        """Whether there is a figure of that name."""
        return self._explainer.knows(figure_id)

    def explain(self, figure_id: str) -> Explanation:
        """Where a figure comes from: the figures it is reckoned from, down to the rows, actions and published figures that state a number.

        Parameters
        ----------
        figure_id
            A path: ``npv_gbp``, ``npv_gbp/rdc``, ``npv_gbp/rdc/premises/2013``, ``line/e57``, ``input/action/3/cost_gbp``; `figure_ids` has all.

        Raises
        ------
        SubjectError
            Where there is no such figure, with a guess at what was meant.

        Examples
        --------
        >>> import assetplan as ap
        >>> estate = ap.read_estate("data/malton")
        >>> result = ap.appraise(estate, ap.read_scenario("data/malton/scenarios/s2-town-front-door.toml"))
        >>> found = result.explain("capital_gbp/rdc")
        >>> found.value == result.capital_gbp, [part.figure_id for part in found.parts]
        (True, ['capital_gbp/rdc/works'])
        """
        return self._explainer.explain(figure_id)
