"""What reviewers answered: willing, not willing, or needs work, of an option, a host or a body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assetplan.declared import guessed
from assetplan.hubs.blocking import ASKED, FORBIDDEN, Obstacle
from assetplan.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from assetplan.estate import Estate
    from assetplan.hubs.option import Option

WILLING, NOT_WILLING, NEEDS_WORK = "willing", "not willing", "needs work"
ANSWERS = (WILLING, NOT_WILLING, NEEDS_WORK)
_REVIEW = "a reviewer's answer"


class Reviews:
    """The answers of reviewers, by option, host or body.

    Raises
    ------
    ValueError
        With all that is wrong: an answer that is none of these, or the name of nothing.
    """

    def __init__(self, estate: Estate, answers: Mapping[str, str] | None, options: Iterable[str] = ()) -> None:
        self._answers = dict(answers or {})
        self._names = {key: body.name for key, body in estate.organisations.items()}
        self._committed = {key for key, body in estate.organisations.items() if body.commitment == "committed"}
        known = {*self._names, *map(str, estate.assets.index), *map(str, estate.land.index), *options}
        wrong = []
        for name, answer in self._answers.items():
            if name not in known:
                wrong.append(
                    f"reviews: {shown_name(name)!r} is no option that was found here, no host and no body.{guessed(str(name), known)}"
                )
            if answer not in ANSWERS:
                wrong.append(
                    f"reviews: {shown_name(name)}: {shown_name(repr(answer))} is none of {', '.join(ANSWERS)}.{guessed(str(answer), ANSWERS)}"
                )
        if wrong:
            raise ValueError("\n".join(wrong))

    def of(self, option: Option, body: str) -> str:
        """What holds for a body in an option: an answer about the option, else its host, else the body; empty where there is none."""
        for key in (option.option_id, option.host, body):
            if key in self._answers:
                return self._answers[key]
        return ""

    def bodies(self, option: Option) -> tuple[str, ...]:
        """The bodies that have a say in an option: those that would be there, and who lists the host."""
        return tuple(sorted({*option.organisations, *((option.owner,) if option.owner in self._names else ())}))

    def percent(self, option: Option) -> float:
        """How many in a hundred of the bodies that have a say are willing by a review, or committed where none says otherwise."""
        bodies = self.bodies(option)
        ready = [
            answer == WILLING or (answer != NOT_WILLING and body in self._committed)
            for body, answer in ((body, self.of(option, body)) for body in bodies)
        ]
        return 100 * sum(ready) / len(ready) if ready else 0.0

    def obstacles(self, option: Option) -> Iterator[Obstacle]:
        """Answers that stand in the way of an option: about itself or its host once, else of each body."""
        whole = next((self._answers[key] for key in (option.option_id, option.host) if key in self._answers), "")
        said = (
            [("This option", whole)]
            if whole
            else [(self._names[body], self.of(option, body)) for body in self.bodies(option) if body in self._names]
        )
        for about, answer in said:
            if answer in {NOT_WILLING, NEEDS_WORK}:
                state = FORBIDDEN if answer == NOT_WILLING else ASKED
                yield Obstacle("willingness", state, (), f"{about}: {answer}.", _REVIEW)
