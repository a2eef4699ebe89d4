"""Processor time of an appraisal beside bare numpy that does the same sums, on one scenario in the same run.

``python tests/benchmarks/bench_appraisal.py [FILE]`` (the full package of Malton where none is given). Two tasks. *Draws*: 10,000 net present
values; numpy's own way draws the same triangles and multiplies out every line by itself, one column a line, with the factors laid out for it
beforehand. *Variants*: a hundred scenarios, each with other costs, net present value of each; the bare way is a loop over the lines of one
appraisal, a hundred times, which is the least that summing them costs in plain Python. Ways take turns, the least of several rounds counts, and
their sums must agree or it stops. Trust the ratios: seconds are those of one processor. Draws, which also give the value to the public and to each body, end with an error in more than twice numpy's time.
"""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import assetplan as ap
from assetplan.figures.discounting import discount_factor

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = Path(__file__).parents[2] / "data" / "malton"
DRAWS, VARIANTS, ROUNDS, SEED = 10_000, 100, 5, 1
MOST = 2.0


def least(*ways: Callable[[], object]) -> list[float]:
    """The least processor time of each way, taken in turns."""
    found = [float("inf")] * len(ways)
    for _ in range(ROUNDS):
        for at, way in enumerate(ways):
            began = time.process_time()
            way()
            found[at] = min(found[at], time.process_time() - began)
    return found


def by_numpy(result: ap.Appraisal) -> Callable[[], np.ndarray]:
    """Net present values of drawn inputs, every line multiplied out by itself."""
    ledger = result.economic.ledger
    lines = [
        (
            flow.constant * discount_factor(flow.year - result.base_year),
            [(ledger.columns[factor.input.key], factor.plus, factor.times) for factor in (*flow.factors, *((flow.bias,) if flow.bias else ()))],
        )
        for flow in ledger.flows
        if flow.organisation != "public"
    ]  # fmt: skip
    inputs = list(ledger.inputs.values())

    def way() -> np.ndarray:
        drawn = np.empty((len(inputs), DRAWS))
        for at, given in enumerate(inputs):
            stream = np.random.default_rng(
                [SEED, int.from_bytes(hashlib.sha256(given.key.encode()).digest()[:8], "big")]
            )
            low, central, high = given.value
            if given.draw == "chance":
                drawn[at] = stream.random(DRAWS) < given.chance
            else:
                drawn[at] = stream.triangular(low, central, high, DRAWS) if low < high else central
        total = np.zeros(DRAWS)
        for constant, factors in lines:
            product = np.full(DRAWS, constant)
            for column, plus, times in factors:
                product *= plus + times * drawn[column]
            total += product
        return total

    return way


def variants(scenario: ap.Scenario) -> list[ap.Scenario]:
    """The same scenario with costs a little higher each time."""
    return [
        replace(
            scenario,
            name=f"{scenario.name} {step}",
            actions=tuple(
                replace(action, cost_gbp=tuple(bound * (1 + step / VARIANTS) for bound in action.cost_gbp))  # type: ignore[arg-type]
                if getattr(action, "cost_gbp", None) is not None
                else action
                for action in scenario.actions
            ),
        )
        for step in range(VARIANTS)
    ]


def main() -> int:
    """Print a table, and whether draws take more than they may."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER / "scenarios" / "s7-full-package.toml"
    estate, scenario = ap.read_estate(FOLDER), ap.read_scenario(path)
    result = ap.appraise(estate, scenario)
    raw = by_numpy(result)
    np.testing.assert_allclose(result.draws(DRAWS, SEED).npv_gbp, raw(), rtol=1e-9, atol=0.01)
    ours, numpys = least(lambda: result.draws(DRAWS, SEED), raw)

    many = variants(scenario)
    lines = result.lines[result.lines["case"] == "economic"]
    flat = list(zip(lines["year"].tolist(), lines["amount_gbp"].tolist(), strict=True))
    if abs(sum(amount * discount_factor(year - result.base_year) for year, amount in flat) - result.npv_gbp) > 0.01:
        print("The lines do not come to the net present value.")
        return 1

    def loop() -> float:
        total = 0.0
        for _ in range(VARIANTS):
            for year, amount in flat:
                total += amount * discount_factor(year - result.base_year)
        return total

    hundred, looped = least(lambda: [one.npv_gbp for one in ap.appraise_scenarios(estate, many)], loop)
    print(f"{path.name}: {len(result.inputs)} inputs, {len(lines)} economic lines")
    print(f"{DRAWS:,} draws: ours {ours:.3f} s, numpy line by line {numpys:.3f} s, ratio {ours / numpys:.2f}")
    print(
        f"{VARIANTS} variants: ours {hundred:.2f} s ({hundred / VARIANTS * 1000:.0f} ms each); summing their lines in Python {looped:.2f} s"
    )
    return int(ours > MOST * numpys)


if __name__ == "__main__":
    sys.exit(main())
