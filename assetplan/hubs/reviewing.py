"""What reviewers answered: willing, not willing, or needs work, of an option, a host or a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assetplan.declared import guessed
from assetplan.hubs.blocking import ASKED, FORBIDDEN, Obstacle
from assetplan.text import shown_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from assetplan.estate import Estate
    from assetplan.hubs.option import Option

WILLING, NOT_WILLING, NEEDS_WORK = "willing", "not willing", "needs work"
ANSWERS = (WILLING, NOT_WILLING, NEEDS_WORK)
_GRAVEST = (NOT_WILLING, NEEDS_WORK, WILLING)
_REVIEW = "a reviewer's answer"
_STATES = {NOT_WILLING: FORBIDDEN, NEEDS_WORK: ASKED}


@dataclass(frozen=True)
class Review:
    """What one body answered of one option.

    Attributes
    ----------
    option_id, host, services
        The option: its identifier, host and the services that would move in.
    answer
        ``willing``, ``not willing`` or ``needs work``.
    comment
        What was said with it, as text that is never trusted; may be empty.
    body
        The body that answers, an organisation of the estate; empty where a reader speaks for none.
    post
        The post that answers, never a person; may be empty.
    """

    option_id: str
    host: str
    services: tuple[str, ...]
    answer: str
    comment: str = ""
    body: str = ""
    post: str = ""

    @property
    def source(self) -> str:
        """Who says so."""
        return f"{_REVIEW}: {self.post}" if self.post else _REVIEW


class Willingness:
    """The answers of reviewers: those a body gave of an option, and others by option, host or body.

    Raises
    ------
    ValueError
        With all that is wrong: an answer that is none of these, or the name of nothing.
    """

    def __init__(
        self, estate: Estate, answers: Mapping[str, str] | Iterable[Review] | None, options: Iterable[str] = ()
    ) -> None:
        self._answers: dict[str, str] = dict(answers) if isinstance(answers, Mapping) else {}
        self._given: dict[str, list[Review]] = {}
        for review in () if answers is None or isinstance(answers, Mapping) else answers:
            self._given.setdefault(review.option_id, []).append(review)
        self._names = {key: body.name for key, body in estate.organisations.items()}
        self._committed = {key for key, body in estate.organisations.items() if body.commitment == "committed"}
        options = set(options)
        known = {*self._names, *map(str, estate.assets.index), *map(str, estate.land.index), *options}
        wrong = [self._unknown(name, known) for name in self._answers if name not in known]
        wrong += [self._unknown(name, known) for name in self._given if name not in options]
        for name, answer in [
            *self._answers.items(),
            *((key, review.answer) for key, reviews in self._given.items() for review in reviews),
        ]:
            if answer not in ANSWERS:
                wrong.append(
                    f"reviews: {shown_name(name)}: {shown_name(repr(answer))} is none of {', '.join(ANSWERS)}.{guessed(str(answer), ANSWERS)}"
                )
        if wrong:
            raise ValueError("\n".join(wrong))

    def _unknown(self, name: str, known: Iterable[str]) -> str:
        guess = guessed(str(name), list(known))
        return f"reviews: {shown_name(name)!r} is no option that was found here, no host and no body.{guess}"

    def given(self, option: Option) -> tuple[Review, ...]:
        """What bodies answered of an option, each with its comment."""
        return tuple(self._given.get(option.option_id, ()))

    def of(self, option: Option, body: str) -> str:
        """What holds for a body in an option: its own answer, the gravest where it gave several; else one about the option, its host or the body."""
        own = {review.answer for review in self.given(option) if review.body == body}
        for answer in _GRAVEST:
            if answer in own:
                return answer
        for key in (option.option_id, option.host, body):
            if key in self._answers:
                return self._answers[key]
        return ""

    def bodies(self, option: Option) -> tuple[str, ...]:
        """The bodies that have a say in an option: those that would be there, and who lists the host."""
        return tuple(sorted({*option.organisations, *((option.owner,) if option.owner in self._names else ())}))

    def percent(self, option: Option) -> float:
        """How many in a hundred of the bodies that have a say are willing by a review, or committed where they said nothing themselves."""
        bodies = self.bodies(option)
        ready = [self._ready(option, body) for body in bodies]
        return 100 * sum(ready) / len(ready) if ready else 0.0

    def _ready(self, option: Option, body: str) -> bool:
        """Whether a body is willing; that an option needs work, said by nobody in particular, leaves those committed who are."""
        answer, whole = self.of(option, body), self._whole(option)
        own = any(one.body == body for one in self.given(option))
        if answer in {"", NEEDS_WORK} and (not answer or (whole and not own)):
            return body in self._committed
        return answer == WILLING

    def _whole(self, option: Option) -> str:
        """An answer about an option or its host, by nobody in particular; empty where there is none."""
        return next((self._answers[key] for key in (option.option_id, option.host) if key in self._answers), "")

    def obstacles(self, option: Option) -> Iterator[Obstacle]:
        """Answers that stand in the way of an option, quoted: about itself or its host once, else of each body that has a say in it."""
        whole = self._whole(option)
        if whole in _STATES:
            yield Obstacle("willingness", _STATES[whole], (), f"This option: {whole}.", _REVIEW)
        for body in self.bodies(option):
            own = [one for one in self.given(option) if one.body == body]
            answer = self.of(option, body)
            if answer not in _STATES or (whole and not own):
                continue
            quoted = [one for one in own if one.answer == answer]
            for source, comment in dict.fromkeys((one.source, one.comment) for one in quoted) or {(_REVIEW, ""): None}:
                said = f"{answer}, \u201c{comment}\u201d" if comment else f"{answer}."
                yield Obstacle("willingness", _STATES[answer], (), f"{self._names.get(body, body)}: {said}", source)
