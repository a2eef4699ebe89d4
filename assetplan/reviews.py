"""Reviewers' answers to co-location options: read from the small JSON that a page saves, refused whole where anything of it is amiss.

What a page shows of an option is told by a digest. An answer to something that has changed since, that another estate or another reader's page
asked, or that names what this reader cannot see is never used, nor is anything else of its file.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetplan.declared import check_keys, guessed
from assetplan.errors import EstateError, ReaderError
from assetplan.hubs.option import option_id
from assetplan.hubs.reviewing import ANSWERS, Review
from assetplan.personal import left_out
from assetplan.statements import KEEPER, PUBLIC
from assetplan.tables import records
from assetplan.text import clean, digest, shown_name, visible

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from assetplan.estate import Estate

FORMAT = "assetplan reviews"
VERSION = 1
COMMENT = 500
"""Characters that a comment may have ..."""
POST = 80
"""... and a post."""
LARGEST = 1_000_000  # bytes
_KEYS = ("format", "version", "estate", "audience", "as_of", "body", "post", "answers")
_OPTION_KEYS = ("host", "services", "shown", "answer", "comment")
_TOLD = 20  # problems
_AGAIN = "Open the page as it is now, mark the options there, and save the answers again."
_PROVENANCE = {"audience", "geometry", "illustrative", "join_reason", "placed_by", "register", "row", "shown", "source"}


@dataclass(frozen=True)
class Reviews:
    """What one file of answers holds: in order of option, and for whom its page was.

    Attributes
    ----------
    answers
        An answer for each option that was marked.
    audience
        The reader whose page the answers were given on.
    body, post
        Who answers: an organisation of the estate, empty where a reader speaks for none; and a post in it, never a person.

    Notes
    -----
    Goes as it is into `assetplan.find_colocations` (``reviews=``). Several are put together by ``[*first, *second]``.
    """

    answers: tuple[Review, ...]
    audience: str
    body: str = ""
    post: str = ""

    def __iter__(self) -> Iterator[Review]:
        return iter(self.answers)

    def __len__(self) -> int:
        return len(self.answers)


def read_reviews(path: str | os.PathLike[str], estate: Estate) -> Reviews:
    """Read the answers of a reviewer, as a page with co-location options saves them.

    Parameters
    ----------
    path
        The file: JSON in UTF-8, 1 MB at most.
    estate
        The estate that answers are read for, of the reader whose page it was; the keeper may read those of any reader.

    Returns
    -------
    Reviews
        All that the file answers. Comments are one line of text each, what looks like a person in them left out; they are shown as text only.

    Raises
    ------
    EstateError
        Where anything at all is amiss, with everything that is: nothing of the file was used then. Not JSON, too large or nested too deeply, keys
        missing, unknown or named twice, values of another kind, another version, another estate, reader or date, options that are not there for
        this reader or have changed since, comments too long or with hidden characters, a body that this page cannot speak for.

    Examples
    --------
    >>> import assetplan as ap, json, pathlib, tempfile
    >>> estate = ap.read_estate("data/malton").for_audience("rdc")
    >>> answer = asked(estate, "rdc:A0007", ["nycc-library", "police-desk"]) | {"answer": "willing", "comment": ""}
    >>> key = answer.pop("option_id")
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.json"
    >>> saved = heading(estate) | {"body": "rdc", "post": "Head of property", "answers": {key: answer}}
    >>> file.write_text(json.dumps(saved)) > 0
    True
    >>> [(one.host, one.answer, one.body) for one in ap.read_reviews(file, estate)]
    [('rdc:A0007', 'willing', 'rdc')]
    """
    source = Path(path)
    name = shown_name(source.name)
    document = _document(source, name)
    problems: list[str] = []
    check_keys(document, name, _KEYS, problems)
    if not isinstance(document, dict):
        raise _refused(name, problems)
    missing = [key for key in _KEYS if key not in document]
    problems += [f"{key} is missing." for key in missing]
    if missing:
        raise _refused(name, problems)
    asked_of = _checked_heading(document, estate, name, problems)
    body, post = _who(document, bodies_of(asked_of), problems)
    answers = document["answers"]
    if not isinstance(answers, dict):
        problems.append(f"answers: an object of options is wanted, not {_shown(answers)}.")
    elif not answers:
        problems.append("answers: there is none. Nothing was marked when it was saved.")
    else:
        known = _rows(asked_of.services, "service_id")
        found = [_answer(asked_of, known, key, answers[key], problems) for key in sorted(answers)]
    if problems:
        raise _refused(name, problems)
    return Reviews(
        tuple(
            Review(key, host, services, answer, comment, body, post) for key, host, services, answer, comment in found
        ),
        str(document["audience"]),
        body,
        post,
    )


# ------------------------------------------------------------------------------------------------------- what is asked


def heading(estate: Estate) -> dict[str, Any]:
    """What a file of answers to options of an estate starts with."""
    as_of = None if estate.as_of is None else estate.as_of.isoformat()
    return {"format": FORMAT, "version": VERSION, "estate": estate.name, "audience": estate.audience, "as_of": as_of}


def asked(estate: Estate, host: str, services: Iterable[str]) -> dict[str, Any]:
    """What a file of answers says of an option beside the answer: its identifier, host, services, and a digest of what is known of them.

    Raises
    ------
    KeyError
        Where the host or a service is not in what the reader of the estate may see.
    """
    return _asked(estate, _rows(estate.services, "service_id"), host, services)


def bodies_of(estate: Estate) -> tuple[str, ...]:
    """The bodies that a page may answer for: the reader's own; any, where it is the keeper's; none, where it is the public's."""
    if estate.audience == KEEPER:
        return tuple(sorted(estate.organisations))
    return () if estate.audience == PUBLIC else (estate.audience.partition(".")[0],)


def _asked(estate: Estate, known: Mapping[str, Any], host: str, services: Iterable[str]) -> dict[str, Any]:
    moving = sorted(set(services))
    place = estate.assets if host in estate.assets.index else estate.land
    about: dict[str, Any] = {"host": _facts({"id": host, **records(place.loc[[host]])[0]})}
    if place is estate.land:
        about["shape"] = digest(place.geometry[host].wkb_hex)
    there = sorted(key for key, row in known.items() if row["asset_id"] == host and key not in moving)
    about |= {"moving": [_facts(known[key]) for key in moving], "there": [_facts(known[key]) for key in there]}
    return {
        "option_id": option_id(host, moving),
        "host": host,
        "services": moving,
        "shown": digest(json.dumps(about, sort_keys=True, ensure_ascii=True), 16),
    }


def _rows(frame: Any, key: str) -> dict[str, Mapping[str, Any]]:
    return {str(row[key]): row for row in records(frame)}


def _facts(row: Mapping[str, Any]) -> dict[str, str]:
    """What is said of something, as text, without where it was read."""
    return {
        name: str(sorted(map(str, value)) if isinstance(value, tuple | list) else value)
        for name, value in row.items()
        if name not in _PROVENANCE and value is not None and value == value  # noqa: PLR0124 -- what is no number is not itself
    }


# ------------------------------------------------------------------------------------------------------- what a file says


def _document(path: Path, name: str) -> Any:
    try:
        if not path.is_file():
            raise _refused(name, ["there is no such file."])
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        raise _refused(name, [f"it cannot be opened ({visible(str(said))})."]) from error
    if len(data) > LARGEST:
        raise _refused(name, [f"it is larger than {LARGEST:,} bytes; a page saves far less."])
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise _refused(
            name, ["it starts with a byte order mark, which a page does not write: something has saved it anew."]
        )
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError as error:
        raise _refused(name, ["values are nested too deeply."]) from error
    except UnicodeDecodeError as error:
        raise _refused(name, ["it is not UTF-8."]) from error
    except ValueError as error:  # also whole numbers of more digits than Python reads
        raise _refused(name, [f"it is not JSON: {_cut(visible(str(error)))}."]) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if any(key == other for other, _ in pairs[:i]))
        raise ValueError(f"{_shown(twice)} is named twice")
    return keys


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _checked_heading(document: Mapping[str, Any], estate: Estate, name: str, problems: list[str]) -> Estate:
    """The estate that the page was of; refused where the file is of something else, for what it says of options means nothing then."""
    wanted = heading(estate)
    if document["format"] != FORMAT or not isinstance(document["format"], str):
        problems.append(f"format: {FORMAT!r} is wanted, not {_shown(document['format'])}: it is no file of answers.")
    version = document["version"]
    if type(version) is not int or version != VERSION:
        problems.append(f"version: {VERSION} is wanted, not {_shown(version)}.")
    if problems:
        raise _refused(name, problems)
    for key, said in (("estate", "another estate"), ("as_of", "the estate as at another date")):
        if document[key] != wanted[key] or type(document[key]) is not type(wanted[key]):
            problems.append(
                f"{key}: {_shown(document[key])}: the answers are to {said}, which here is {_shown(wanted[key])}. {_AGAIN}"
            )
    audience = document["audience"]
    of = None
    if audience == estate.audience:
        of = estate
    elif isinstance(audience, str) and estate.audience == KEEPER:
        try:
            of = estate.for_audience(audience)
        except ReaderError:
            of = None
    if of is None or not of.released("options"):
        problems.append(f"audience: {_shown(audience)}: the page of the answers was for another reader than this.")
    if problems or of is None:
        raise _refused(name, problems)
    return of


def _who(document: Mapping[str, Any], bodies: Sequence[str], problems: list[str]) -> tuple[str, str]:
    """The body and the post that answer; `bodies` are those that the page may answer for."""
    body = document["body"]
    if not isinstance(body, str) or body not in (bodies or ("",)):
        wanted = (
            f"one of {', '.join(map(_shown, bodies))} is wanted"
            if bodies
            else "a page for the public speaks for no body"
        )
        problems.append(f"body: {wanted}, not {_shown(body)}.")
    post = _text(document["post"], "post", POST, problems)
    if left_out(post).what:
        problems.append("post: it looks like a person. Give the post, never who holds it.")
    return str(body), post


def _answer(
    estate: Estate, known: Mapping[str, Any], key: str, said: Any, problems: list[str]
) -> tuple[str, str, tuple[str, ...], str, str]:
    """One answer, as far as it can be used; what is wrong with it is told."""
    where = _shown(key)
    nothing = ("", "", (), "", "")
    before = len(problems)
    check_keys(said, where, _OPTION_KEYS, problems)
    if isinstance(said, dict):
        problems += [f"{where}: {name} is missing." for name in _OPTION_KEYS if name not in said]
    if len(problems) > before:
        return nothing
    host, services = said["host"], said["services"]
    answer = said["answer"]
    if not isinstance(answer, str) or answer not in ANSWERS:
        guess = guessed(answer, ANSWERS) if isinstance(answer, str) and len(answer) < POST else ""
        problems.append(f"{where}: answer: one of {', '.join(ANSWERS)} is wanted, not {_shown(answer)}.{guess}")
    comment = _text(said["comment"], f"{where}: comment", COMMENT, problems)
    if not isinstance(host, str):
        problems.append(f"{where}: host: text is wanted, not {_shown(host)}.")
    if not isinstance(services, list) or not all(isinstance(service, str) for service in services) or not services:
        problems.append(f"{where}: services: a list of identifiers is wanted, not {_shown(services)}.")
    if not isinstance(said["shown"], str):
        problems.append(f"{where}: shown: text is wanted, not {_shown(said['shown'])}.")
    if len(problems) > before:
        return nothing
    there = (host in estate.assets.index or host in estate.land.index) and all(service in known for service in services)
    if not there or services != sorted(set(services)) or key != option_id(host, services):
        problems.append(f"{where}: there is no such option for this reader. {_AGAIN}")
    elif said["shown"] != _asked(estate, known, host, services)["shown"]:
        problems.append(f"{where}: what is known of its host or services has changed since. {_AGAIN}")
    return key, host, tuple(services), str(answer), left_out(comment).text


def _text(value: Any, label: str, most: int, problems: list[str]) -> str:
    """Text of a reviewer as one line; what it may not hold is told."""
    if not isinstance(value, str):
        problems.append(f"{label}: text is wanted, not {_shown(value)}.")
        return ""
    if len(value) > most:
        problems.append(f"{label}: {most} characters at most are wanted, not {len(value):,}.")
    elif visible(value) != value or "\t" in value:
        problems.append(f"{label}: it holds characters that cannot be seen: {_shown(value)}.")
    return clean(value)


def _shown(value: Any) -> str:
    """A value as a message tells it: on one line, nothing hidden, not too long."""
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "an object"
    return _cut(shown_name(repr(value) if isinstance(value, str) else json.dumps(value)))


def _cut(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[:most]}..."


def _refused(name: str, problems: list[str]) -> EstateError:
    told = [_cut(problem, 400) for problem in problems[:_TOLD]]
    if len(problems) > _TOLD:
        told.append(f"and {len(problems) - _TOLD:,} more.")
    return EstateError(f"{name}: the answers are refused, and nothing of them is used.", told)
