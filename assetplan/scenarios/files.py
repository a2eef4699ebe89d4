"""Scenarios as flat TOML files, both ways. Comments of a file are not kept.

::

    name = "Town front door"
    audience = "rdc"
    author = "district council, asset management"

    [[actions]]
    action = "relocate"
    service = "rdc-front-desk"
    to = "rdc:A0007"
    year = 2012

    [[funding]]
    kind = "grant"
    organisation = "rdc"
    year = 2012
    amount_gbp = 50_000
    pays_for = "revenue"
    source = "offer letter of May"

    [[benefits]]
    name = "shorter ways"
    organisation = "public"
    benefit_class = "public"
    year = 2013
    amount_gbp_pa = [2_000, 4_000, 8_000]
    basis = "minutes saved, at a value of time"
    source = "own reckoning"

    [[overrides]]
    figure = "build_gbp_m2"
    value = [1_700, 1_800, 2_000]
    reason = "tender of June"
    author = "district council, estates"
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from assetplan.declared import check_keys, guessed, read_toml
from assetplan.errors import EstateError, ScenarioError
from assetplan.output import write_whole
from assetplan.scenario_columns import OVERRIDES, SCENARIO
from assetplan.scenarios.actions import ACTIONS
from assetplan.scenarios.funding import Benefit, Funding
from assetplan.scenarios.scenario import Override, Scenario
from assetplan.schema import table
from assetplan.settings import KEEPER
from assetplan.text import shown_name

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from assetplan.scenarios.actions import Action
    from assetplan.vocabulary import Column

    Made = TypeVar("Made")


def read_scenario(path: str | os.PathLike[str]) -> Scenario:
    """The scenario that a TOML file tells.

    Raises
    ------
    ScenarioError
        Naming every problem found, with its place: keys and words nobody knows, with a guess at what was meant; what is not given; values of
        another kind than the field's; numbers below 0, percentages over 100, years that are none; money without a source. Also where the
        file cannot be opened or is not TOML.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "hub.toml")
    >>> _ = file.write_text('''
    ... name = "Hub"
    ... [[actions]]
    ... action = "relocate"
    ... service = "front-desk"
    ... to = "council:A1"
    ... year = 2027
    ... ''')
    >>> read_scenario(file).actions
    (Relocate(service='front-desk', to='council:A1', year=2027),)
    """
    file = Path(path)
    name = shown_name(file.name)
    try:
        document = read_toml(file)
    except EstateError as error:
        script = " A script makes scenarios: run it, do not read it as one." if file.suffix == ".py" else ""
        raise ScenarioError(f"{error}{script}") from error
    problems: list[str] = []
    known = table(SCENARIO)
    check_keys(document, name, (*known, "actions", "funding", "benefits", "overrides"), problems)
    actions = [
        _action(part, f"action {i}", problems) for i, part in enumerate(_parts(document, "actions", problems), start=1)
    ]
    funding = _all_made(Funding, Funding.fields(), document, "funding", "funding", problems)
    benefits = _all_made(Benefit, Benefit.fields(), document, "benefits", "benefit", problems)
    overrides = _all_made(Override, table(OVERRIDES), document, "overrides", "override", problems)
    said = {key: document[key] for key in known if key in document}
    whole = _tried(Scenario, {"name": "", **said}, "", problems)
    if problems or whole is None:
        raise ScenarioError(f"{name} cannot be used", problems)
    return Scenario(
        whole.name,
        tuple(action for action in actions if action is not None),
        author=whole.author,
        audience=whole.audience,
        start_year=whole.start_year,
        note=whole.note,
        overrides=overrides,
        funding=funding,
        benefits=benefits,
    )


def file_is_for(path: str | os.PathLike[str], reader: str) -> bool | None:
    """Whether a reader may know of the scenario of a file, whatever else is wrong with it; None where the file does not let that be made out.

    Examples
    --------
    >>> file_is_for("data/malton/scenarios/s2-town-front-door.toml", "public")
    False
    """
    try:
        document = read_toml(Path(path))
        audience = document.get("audience", KEEPER)
        return Scenario("of the file", audience=audience).is_for(reader) if isinstance(audience, str) else None
    except (EstateError, ScenarioError):
        return None


def _parts(document: Mapping[str, Any], key: str, problems: list[str]) -> list[Any]:
    parts = document.get(key, [])
    if isinstance(parts, list):
        return parts
    problems.append(f"{key}: a table for each is wanted, each under a line [[{key}]].")
    return []


def _action(part: object, where: str, problems: list[str]) -> Action | None:
    if not isinstance(part, dict):
        problems.append(f"{where}: a table is wanted here.")
        return None
    word = part.get("action")
    if word is None:
        hint = next((f" Did you mean 'action' by {shown_name(key)!r}?" for key in part if guessed(key, ["action"])), "")
        problems.append(f"{where}: action: none is given. Known: {', '.join(ACTIONS)}.{hint}")
        return None
    if not isinstance(word, str) or word not in ACTIONS:
        meant = guessed(str(word).casefold(), ACTIONS) or f" Known: {', '.join(ACTIONS)}."
        problems.append(f"{where}: action: {shown_name(word)!r} is none.{meant}")
        return None
    kind = ACTIONS[word]
    rest = {key: value for key, value in part.items() if key != "action"}
    return _made(kind, rest, kind.fields(), f"{where}, {word}", problems)


def _all_made(
    make: Callable[..., Made],
    columns: Mapping[str, Column],
    document: Mapping[str, Any],
    key: str,
    word: str,
    problems: list[str],
) -> tuple[Made, ...]:
    parts = enumerate(_parts(document, key, problems), start=1)
    made = [_made(make, part, columns, f"{word} {i}", problems) for i, part in parts]
    return tuple(one for one in made if one is not None)


def _made(
    make: Callable[..., Made], part: object, columns: Mapping[str, Column], where: str, problems: list[str]
) -> Made | None:
    check_keys(part, where, tuple(columns), problems)
    if not isinstance(part, dict):
        return None
    said: dict[str, Any] = {name: None for name, column in columns.items() if column.required}
    said |= {key: value for key, value in part.items() if key in columns}
    return _tried(make, said, f"{where}: ", problems)


def _tried(make: Callable[..., Made], said: Mapping[str, Any], where: str, problems: list[str]) -> Made | None:
    try:
        return make(**said)
    except ScenarioError as error:
        problems.extend(f"{where}{problem}" for problem in error.problems)
        return None


def write_scenario(scenario: Scenario, path: str | os.PathLike[str]) -> None:
    """Write a scenario as a TOML file, whole or not at all: the same scenario gives the same bytes, and reads back as equal to itself.

    A file that is there is replaced.

    Raises
    ------
    OutputError
        Where the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp(), "hub.toml")
    >>> write_scenario(Scenario("Hub", audience="rdc"), file)
    >>> print(file.read_text(), end="")
    name = "Hub"
    audience = "rdc"
    """
    write_whole(Path(path), _document(scenario).encode())


def _document(scenario: Scenario) -> str:
    lines = _lines(scenario.stated())
    for action in scenario.actions:
        lines += ["", "[[actions]]", *_lines({"action": action.word, **action.stated()})]
    for key, parts in (("funding", scenario.funding), ("benefits", scenario.benefits)):
        for part in parts:
            lines += ["", f"[[{key}]]", *_lines(part.stated())]
    for override in scenario.overrides:
        lines += ["", "[[overrides]]", *_lines(override.stated())]
    return "".join(f"{line}\n" for line in lines)


def _lines(said: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in said.items()]


def _value(value: Any) -> str:
    """A value as TOML writes it; a range that is one number as one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{int(value):_}" if value == int(value) else repr(value)
    if not isinstance(value[0], str) and len(set(value)) == 1:
        return _value(value[0])
    return f"[{', '.join(map(_value, value))}]"
