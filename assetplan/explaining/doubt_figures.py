"""How far a result can be relied on, in figures that can be walked back: one input at a time, draws, stresses, break-evens, holding, grants.

``tornado/action/3/cost_gbp`` is how much one input moves net present value, with ``/low``, ``/high`` and ``/break_even`` below it;
``draws/npv_gbp/p5_gbp`` is a quantile of the draws that `Appraisal.draws` takes; ``stress/late`` is what it is worth where receipts come late.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from assetplan.doubt.uncertainty import NPV, PUBLIC_VALUE, SEED
from assetplan.figures.explanation import Explanation, Part
from assetplan.tables import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assetplan.doubt.uncertainty import Draws
    from assetplan.doubt.withdrawing import BreakEven
    from assetplan.figures.inputs import Input
    from assetplan.results.result import Appraisal

    Row = Mapping[str, Any]

_GRANT = {
    "grant_gbp": "GBP", "required_gbp": "GBP", "roi_required": "", "cashable_gbp": "GBP", "receipts_gbp": "GBP", "avoided_gbp": "GBP",
    "non_cash_gbp": "GBP", "costs_gbp": "GBP", "run_instead_gbp": "GBP",
    "roi_gross": "", "roi_gross_with_avoided": "", "roi_gross_with_all": "", "roi_net": "",
}  # fmt: skip
_HELD = {"holding_gbp": "GBP", "npv_gbp": "GBP", "change_gbp": "GBP", "growth_percent_pa": "percent"}
_ENDS = ("low", "high", "break_even")


class Doubt:
    """Figures of how far a result can be relied on.

    Parameters
    ----------
    result
        The appraisal.
    prices
        Of which year present values are, in words.
    """

    def __init__(self, result: Appraisal, prices: str) -> None:
        self._result, self._prices = result, prices

    def ids(self) -> Iterator[str]:
        """The figures."""
        for of in (NPV, PUBLIC_VALUE):
            for path in self._bars(of):
                yield path
                yield from (f"{path}/{end}" for end in ("low", "high"))
                if _known(self._bars(of)[path]["break_even"]) is not None:
                    yield f"{path}/break_even"
        for path, row in self._stresses.items():
            if _known(row["npv_gbp"]) is not None:
                yield from (path, f"{path}/change", f"{path}/public_value")
        yield from self._breaks
        yield from (f"draws/{figure}/{column}" for figure in self._draws.index for column in self._draws.columns)
        yield from (f"draws/failed/{one.key}" for one in self._all_draws.failures)
        for path, row in self._held.items():
            yield from (f"{path}/{name}" for name in _HELD if _known(row[name]) is not None)
        for path, row in self._grants.items():
            yield from (f"{path}/{name}" for name in _GRANT if _known(row[name]) is not None)
        yield from ("roi_gross", "roi_net")

    def explain(self, figure_id: str) -> Explanation | None:
        """One of them."""
        head, _, rest = figure_id.partition("/")
        match head:
            case "tornado":
                return self._bar(figure_id)
            case "stress":
                return self._stress(figure_id)
            case "break_even":
                return self._break(figure_id)
            case "draws":
                return self._drawn(figure_id, *rest.rpartition("/")[::2])
            case "hold":
                return self._of_row(figure_id, self._held, _HELD, "Holding on to")
            case "grant":
                return self._of_row(figure_id, self._grants, _GRANT, "Grant")
            case "roi_gross" | "roi_net" if not rest:
                return self._roi(figure_id)
        return None

    def _found(
        self, figure_id: str, name: str, value: Any, unit: str, how: str, parts: Iterable[Part] = (), *, low: Any = None, high: Any = None,
        inputs: Iterable[Input] = (), joined: Literal["sum", "found"] = "found",
    ) -> Explanation:  # fmt: skip
        prices = self._prices if unit == "GBP" else ""
        return Explanation(
            figure_id,
            name,
            _known(value),
            _known(low),
            _known(high),
            unit,
            prices,
            how,
            joined,
            tuple(parts),
            tuple(inputs),
        )

    @property
    def _npv(self) -> Part:
        return Part(NPV, "net present value as it is written", self._result.npv_gbp)

    # ------------------------------------------------------------------------------------------- one input at a time

    @cached_property
    def _tornados(self) -> dict[str, dict[str, Row]]:
        return {}

    def _bars(self, of: str) -> Mapping[str, Row]:
        if of not in self._tornados:
            self._tornados[of] = {str(row["figure_id"]): row for row in records(self._result.tornado(of))}
        return self._tornados[of]

    def _of(self, figure_id: str) -> str:
        """Of which present value a tornado tells: that of the whole where none is named."""
        rest = figure_id.removeprefix("tornado/")
        if rest.startswith(f"{PUBLIC_VALUE}/"):
            return PUBLIC_VALUE
        if rest.startswith(f"{NPV}/"):
            body = rest.split("/")[1]
            if any(flow.organisation == body for flow in self._result.economic.ledger.flows):
                return f"{NPV}/{body}"
        return NPV

    def _bar(self, figure_id: str) -> Explanation | None:
        of = self._of(figure_id)
        bars = self._bars(of)
        path, _, end = figure_id.rpartition("/")
        if figure_id in bars:
            path, end = figure_id, ""
        elif path not in bars or end not in _ENDS:
            return None
        row = bars[path]
        given = self._result.inputs[str(row["key"])]
        own = Part(f"input/{given.key}", given.name, given.value.central)
        if end == "break_even":
            if _known(row["break_even"]) is None:
                return None
            unit = "share" if given.draw == "chance" else given.unit
            how = f"The number of it at which {of} is nought, all else in the middle: {row['break_even_words']}."
            return self._found(
                figure_id, f"Break-even of {given.name}", row["break_even"], unit, how, [own], inputs=[given]
            )
        if end:
            how = f"{of} with it at its {end} end, and everything else in the middle."
            return self._found(
                figure_id,
                f"{of} with {given.name} at its {end} end",
                row[f"{end}_gbp"],
                "GBP",
                how,
                [own],
                inputs=[given],
            )
        sign = 1.0 if row["high_gbp"] >= row["low_gbp"] else -1.0
        parts = [
            Part(f"{path}/high", "at its high end", float(row["high_gbp"]), times=sign),
            Part(f"{path}/low", "at its low end", float(row["low_gbp"]), times=-sign),
        ]
        how = f"By how much {of} differs from one end of it to the other, all else in the middle."
        return self._found(
            figure_id, f"What {given.name} moves", row["swing_gbp"], "GBP", how, parts, inputs=[given], joined="sum"
        )

    # ------------------------------------------------------------------------------------------- stresses and break-evens

    @cached_property
    def _stresses(self) -> Mapping[str, Row]:
        return {str(row["figure_id"]): row for row in records(self._result.stress())}

    def _stress(self, figure_id: str) -> Explanation | None:
        path, _, end = figure_id.rpartition("/")
        if figure_id in self._stresses:
            path, end = figure_id, ""
        elif path not in self._stresses or end not in {"change", "public_value"}:
            return None
        row = self._stresses[path]
        if end == "change":
            parts = [
                Part(path, str(row["name"]), float(row["npv_gbp"])),
                Part(NPV, self._npv.name, self._npv.value, times=-1.0),
            ]
            return self._found(
                figure_id, f"Change: {row['name']}", row["change_gbp"], "GBP", str(row["words"]), parts, joined="sum"
            )
        if end:
            return self._found(
                figure_id,
                f"With the public: {row['name']}",
                row["public_value_gbp"],
                "GBP",
                str(row["words"]),
                [self._npv],
            )
        name = f"Net present value: {row['name']}"
        how = f"{row['words']} The scenario is reckoned again so."
        inputs = self._result.economic.ledger.inputs.values()
        return self._found(
            figure_id,
            name,
            row["npv_gbp"],
            "GBP",
            how,
            [self._npv],
            low=row["low_gbp"],
            high=row["high_gbp"],
            inputs=inputs,
        )

    @cached_property
    def _breaks(self) -> Mapping[str, BreakEven]:
        return {one.figure_id: one for one in self._result.break_evens()}

    def _break(self, figure_id: str) -> Explanation | None:
        one = self._breaks.get(figure_id)
        if one is None:
            return None
        given = self._result.inputs.get(figure_id.removeprefix("break_even/input/"))
        parts = [
            self._npv,
            *([Part(f"input/{given.key}", given.name, given.value.central)] if given is not None else []),
        ]
        inputs = self._result.economic.ledger.inputs.values() if given is None else [given]
        return self._found(
            figure_id, f"Break-even: {one.name}", one.value, one.unit, one.sentence, parts, inputs=inputs
        )

    # ------------------------------------------------------------------------------------------- draws

    @cached_property
    def _draws(self) -> Any:
        return self._all_draws.quantiles

    @cached_property
    def _all_draws(self) -> Draws:
        return self._result.draws()

    def _drawn(self, figure_id: str, figure: str, column: str) -> Explanation | None:
        if figure_id.startswith("draws/failed/"):
            return self._failed(figure_id)
        if figure not in self._draws.index or column not in self._draws.columns:
            return None
        value = float(self._draws.at[figure, column])
        said = {
            "mean_gbp": "the mean",
            "mean_error_gbp": "the standard error of the mean",
            "above_0": "the share above nought",
        }
        what = (
            said.get(column)
            or f"the number that {column.removeprefix('p').removesuffix('_gbp')} of 100 draws stay below"
        )
        count = len(self._all_draws)
        how = f"Of {count:,} draws of all inputs, seed {SEED}, {what}. Inputs are drawn apart from one another, which is too narrow."
        inputs = self._result.economic.ledger.inputs.values()
        unit = "" if column == "above_0" else "GBP"
        name = f"{what[:1].upper()}{what[1:]} of {figure}, drawn"
        return self._found(figure_id, name, value, unit, how, [self._npv], inputs=inputs)

    def _failed(self, figure_id: str) -> Explanation | None:
        one = next((one for one in self._all_draws.failures if figure_id == f"draws/failed/{one.key}"), None)
        if one is None:
            return None
        given = self._result.inputs[one.key]
        parts = [Part(f"input/{given.key}", given.name, given.value.central)]
        how = f"Of {len(self._all_draws):,} draws, seed {SEED}: {one}."
        return self._found(
            figure_id,
            f"Percent of draws in which it fails: {one.name}",
            100 * one.failed,
            "percent",
            how,
            parts,
            inputs=[given],
        )

    # ------------------------------------------------------------------------------------------- holding, and grants

    @cached_property
    def _held(self) -> Mapping[str, Row]:
        return {str(row["figure_id"]): row for row in records(self._result.hold_or_sell())}

    @cached_property
    def _grants(self) -> Mapping[str, Row]:
        return {str(row["figure_id"]): row for row in records(self._result.grants())}

    def _of_row(
        self, figure_id: str, rows: Mapping[str, Row], units: Mapping[str, str], what: str
    ) -> Explanation | None:
        path, _, name = figure_id.rpartition("/")
        if path not in rows or name not in units or _known(rows[path][name]) is None:
            return None
        row = rows[path]
        inputs = self._result.economic.ledger.inputs.values()
        said = f"{what} {path.partition('/')[2]}: {name.replace('_gbp', '').replace('_', ' ')}"
        return self._found(figure_id, said, row[name], units[name], str(row["words"]), (), inputs=inputs)

    def _roi(self, figure_id: str) -> Explanation:
        value = self._result.roi_gross if figure_id == "roi_gross" else self._result.roi_net
        parts = [
            Part(f"{path}/{figure_id}", f"grant {path.partition('/')[2]}", float(row[figure_id]))
            for path, row in self._grants.items()
            if _known(row[figure_id]) is not None
        ]
        how = "Cashable benefits to a pound of grant" + (", less costs" if figure_id == "roi_net" else "")
        how += ", where a giver asks for a return; the least of several. A return is never asked of building capital."
        return self._found(figure_id, "Return on a grant", value, "", how, parts)


def _known(value: Any) -> float | None:
    return None if value is None or value != value else float(value)  # noqa: PLR0124 - what is not known is not equal to itself
