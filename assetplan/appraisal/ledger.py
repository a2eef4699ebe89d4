"""Flows put together so that any sum of them can be had for many values of their inputs at once.

Flows that are products of the same factors differ in a constant only, so that a sum of flows is a sum of few products. Each sum is linear in
each input by itself: where it comes to nothing is found exactly, and ten thousand draws are one product of matrices.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.appraisal.flow import Flow
    from assetplan.figures.inputs import Case, Factor, Input

    Floats = NDArray[np.float64]

BLOCK = 2_000
"""Draws that are worked out at once."""


class Ledger:
    """Flows and the inputs they are products of.

    Parameters
    ----------
    flows
        In any order; they are kept in it.
    biased
        Whether optimism bias is among their factors, as the economic case has it.
    also
        Inputs that are no factor of any flow and are varied with the rest: rates of interest and of inflation.
    """

    def __init__(self, flows: Iterable[Flow], *, biased: bool, also: Iterable[Input] = ()) -> None:
        self.flows: tuple[Flow, ...] = tuple(flows)
        self._products: dict[tuple[Factor, ...], int] = {}
        self.inputs: dict[str, Input] = {}
        at, constants = [], []
        for flow in self.flows:
            factors = flow.factors
            if biased and flow.bias is not None:
                factors = (*factors, flow.bias)
            at.append(self._products.setdefault(factors, len(self._products)))
            constants.append(flow.constant)
            for factor in factors:
                self.inputs.setdefault(factor.input.key, factor.input)
        self.inputs |= {given.key: given for given in also if given.key not in self.inputs}
        self._at = np.array(at, dtype=np.intp)
        self._constants = np.array(constants, dtype=np.float64)
        self.inputs = dict(sorted(self.inputs.items()))

    # ------------------------------------------------------------------------------------------- values of inputs

    @cached_property
    def columns(self) -> Mapping[str, int]:
        """By key of an input, its column in a table of values."""
        return {key: column for column, key in enumerate(self.inputs)}

    def values(self, case: Case = "central") -> Floats:
        """One row: all inputs at one of their ends, or in the middle."""
        return np.array([[getattr(given.value, case) for given in self.inputs.values()]], dtype=np.float64).reshape(
            1, -1
        )

    def one_at_a_time(self, ends: Sequence[Case] = ("low", "high")) -> Floats:
        """Rows in which one input after the other is at each of these ends and the rest in the middle: input by input, end by end."""
        rows = np.repeat(self.values(), len(self.inputs) * len(ends), axis=0)
        for column, given in enumerate(self.inputs.values()):
            for step, end in enumerate(ends):
                rows[column * len(ends) + step, column] = getattr(given.value, end)
        return rows

    def drawn(self, draws: int, seed: int) -> Floats:
        """Draws of all inputs, each from a stream of its own: the same input has the same draws in every scenario."""
        return np.vstack([self.values()[:0], *self.in_blocks(draws, seed)])

    def in_blocks(self, draws: int, seed: int, size: int = BLOCK) -> Iterator[Floats]:
        """The same draws, some rows at a time, so that how much is held at once does not grow with their number."""
        streams = {
            column: np.random.default_rng([seed, int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")])
            for key, column in self.columns.items()
            if self.inputs[key].varies
        }
        given = list(self.inputs.values())
        for begins in range(0, draws, size):
            rows = np.repeat(self.values(), min(size, draws - begins), axis=0)
            for column, stream in streams.items():
                low, central, high = given[column].value
                if given[column].draw == "chance":
                    rows[:, column] = stream.random(len(rows)) < given[column].chance
                else:
                    rows[:, column] = stream.triangular(low, central, high, len(rows))
            yield rows

    # ------------------------------------------------------------------------------------------- sums

    def products(self, values: Floats) -> Floats:
        """What each product comes to, for each row of values."""
        given = np.ascontiguousarray(values.T)
        out = np.ones((len(self._products), len(values)))
        for factors, at in self._products.items():
            for factor in factors:
                out[at] *= factor.of(given[self.columns[factor.input.key]])
        return out.T

    def amounts(self, values: Floats | None = None) -> Floats:
        """What each flow comes to: rows of values by flows; the central values where none are given."""
        return self.products(self.values() if values is None else values)[:, self._at] * self._constants

    def weights(self, *weigh: Callable[[Flow], float]) -> Floats:
        """How much of each product is in some sums of flows: products by sums.

        Parameters
        ----------
        weigh
            For each sum, how much a flow counts in it: a discount factor, or 0 where it does not.
        """
        out = np.zeros((len(self._products), len(weigh)))
        for column, count in enumerate(weigh):
            counted = np.array([count(flow) for flow in self.flows], dtype=np.float64)
            out[:, column] = np.bincount(self._at, weights=self._constants * counted, minlength=len(self._products))
        return out

    def summing(self, sums: Sequence[int], count: int) -> sparse.csr_matrix:
        """How much of each product is in each of so many sums, where each flow is in one of them: sparse, products by sums."""
        return sparse.csr_matrix(
            (self._constants, (self._at, np.asarray(sums, dtype=np.intp))), shape=(len(self._products), count)
        )

    def sums(self, weights: Floats, values: Floats | None = None) -> Floats:
        """Some sums of flows for each row of values: rows by sums."""
        return self.products(self.values() if values is None else values) @ weights

    def ends(self, weights: Floats) -> tuple[Floats, Floats]:
        """The values that are worst and best for one sum: each input at the end that is so while the others are in the middle."""
        both = self.sums(weights, self.one_at_a_time())[:, 0].reshape(-1, 2)
        low, high = self.values("low")[0], self.values("high")[0]
        rising = both[:, 1] >= both[:, 0]
        return np.where(rising, low, high)[None, :], np.where(rising, high, low)[None, :]
