"""The commands about scenarios: what they are worth and do to each body, and where any figure of that comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from assetplan.options import Audience, EstateArgument, Force, FormatOption
from assetplan.terminal import answer, asked_for, deliver, format_of, progress_to, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from assetplan.assembly_words import Section
    from assetplan.estate import Estate
    from assetplan.results.comparing import Comparison
    from assetplan.results.result import Appraisal
    from assetplan.scenarios.scenario import Scenario

BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="What scenarios are held against, a TOML file too; by default everything stays and its backlog is spent.",
    ),
]
ScenarioArgument = Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario's TOML file.")]


def appraise(
    estate: EstateArgument,
    scenario: Annotated[
        list[Path],
        typer.Argument(metavar="SCENARIO...", help="Scenarios' TOML files, or folders of them; several are compared."),
    ],
    baseline: BaselineOption = None,
    lines: Annotated[bool, typer.Option("--lines", help="Every line with its basis and its sources.")] = False,
    year_by_year: Annotated[
        bool, typer.Option("--year-by-year", help="What each body saves and spends in each year.")
    ] = False,
    by_ward: Annotated[
        bool, typer.Option("--by-ward", help="In CSV, what it does to the people of each ward and parish.")
    ] = False,
    body: Annotated[str, typer.Option("--organisation", metavar="ID", help="Lines and years of this body only.")] = "",
    draws: Annotated[
        int, typer.Option("--draws", metavar="N", min=100, max=1_000_000, help="How many draws of all inputs.")
    ] = 10_000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Where the draws start: the same seed gives the same draws.")
    ] = 1,
    audience: Audience = "all",
    format: FormatOption = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to this file instead: .html for a page, .json, .csv, or .txt for the words.",
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Say what scenarios cost, save and do to each body's money, year by year and line by line; several are compared, least regret first.

    For example: assetplan appraise data/malton data/malton/scenarios
    """
    from assetplan import appraisal_words as words
    from assetplan.answers import as_json, plain
    from assetplan.comparison_words import compared
    from assetplan.results.comparing import compare
    from assetplan.results.records import as_record

    wanted = _format(format, output, force=force, page=True)
    read = asked_for(estate, audience, "", "", "", None, None)
    if not read.released("appraisals"):
        say(words.NOT_RELEASED)
        _answer_nothing(read, wanted, output, lines=lines, years=year_by_year, wards=by_ward, force=force)
        return
    asked = _scenarios(read, scenario)
    if not asked:
        say(words.NONE_HERE)
        _answer_nothing(read, wanted, output, lines=lines, years=year_by_year, wards=by_ward, force=force)
        return
    results = _appraised(read, [one for _, one in asked], [path for path, _ in asked], baseline)
    _check_body(read, body)
    comparison = compare(results, draws=draws, seed=seed)
    if wanted == "html" and output is not None:
        _page(read, comparison, output)
    elif wanted == "json":
        deliver(as_json([plain(as_record(one, comparison, body)) for one in comparison.standings]), output, force=force)
    elif wanted == "csv":
        answer(
            _table(
                comparison.results, comparison.frame.reset_index(), body, lines=lines, years=year_by_year, wards=by_ward
            ),
            wanted,
            output,
            force=force,
        )
    else:
        sections: list[Section] = compared(comparison) if len(results) > 1 else []
        for one in comparison.results:
            sections += words.told(one, alone=len(results) == 1)
            sections += words.years_told(one, body) if year_by_year else []
            sections += [words.lines_told(one, body)] if lines else []
        _deliver_words(sections, output, force=force)


def explain(
    estate: EstateArgument,
    scenario: ScenarioArgument,
    figure: Annotated[
        str,
        typer.Argument(
            metavar="[FIGURE]",
            help="Like npv_gbp, npv_gbp/rdc or line/e57, as appraise names it; without it, all there are.",
        ),
    ] = "",
    depth: Annotated[int, typer.Option("--depth", min=0, max=20, help="How many levels down to go.")] = 2,
    baseline: BaselineOption = None,
    audience: Audience = "all",
    format: Annotated[Literal["table", "json"], typer.Option("--format", help="How to print the answer.")] = "table",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write to this file instead: .json, or .txt for the words."
        ),
    ] = None,
    force: Force = False,
) -> None:
    """Say where a figure of an appraisal comes from, down to the row, action or published figure that states each number.

    For example: assetplan explain data/malton data/malton/scenarios/s2-town-front-door.toml npv_gbp/rdc --depth 4
    """
    from assetplan import appraisal_words as words
    from assetplan.answers import as_json, plain
    from assetplan.results.records import explained

    wanted = _format(format, output, force=force)
    if wanted == "csv":
        raise typer.BadParameter(
            "an explanation is a tree; name a file that ends with .json or .txt", param_hint="--output"
        )
    read = asked_for(estate, audience, "", "", "", None, None)
    if not read.released("appraisals"):
        say(words.NOT_RELEASED)
        deliver("[]\n" if wanted == "json" else "Nothing to list.\n", output, force=force)
        return
    result = _appraised(read, [_one(read, scenario)], [scenario], baseline)[0]
    if not figure:
        ids = result.figure_ids()
        deliver(as_json(list(ids)) if wanted == "json" else "".join(f"{one}\n" for one in ids), output, force=force)
        return
    found = result.explain(figure)
    deliver(
        as_json(plain(explained(found, depth))) if wanted == "json" else f"{found.tree(depth)}\n", output, force=force
    )


# ------------------------------------------------------------------------------------------------------- reading


def _scenarios(estate: Estate, paths: Sequence[Path]) -> list[tuple[Path, Scenario]]:
    """The scenarios of some files and folders; of folders only those for the estate's reader. Everything wrong with any is told at once."""
    from assetplan.errors import ScenarioError
    from assetplan.text import shown_name

    found: list[tuple[Path, Scenario]] = []
    problems: list[str] = []
    for path in paths:
        files = sorted(path.glob("*.toml")) if path.is_dir() else [path]
        if path.is_dir() and not files:
            problems.append(f"{shown_name(path)}: there is no scenario in this folder. Scenarios end with .toml.")
        for file in files:
            try:
                if not path.is_dir() or not _is_kept(file, estate.audience):
                    found.append((file, _one(estate, file)))
            except ScenarioError as error:
                name = f"{shown_name(file.name)}: "
                problems += [f"{name}{problem.removeprefix(name)}" for problem in error.problems] or [str(error)]
    if problems:
        raise ScenarioError("These scenarios cannot be used", problems)
    return found


def _is_kept(file: Path, reader: str) -> bool:
    """Whether a reader may not know of the scenario of a file; refused where the file does not let that be made out."""
    from assetplan.errors import ScenarioError
    from assetplan.scenarios.files import file_is_for
    from assetplan.settings import KEEPER
    from assetplan.text import shown_name

    if reader == KEEPER or not file.is_file():
        return False
    known = file_is_for(file, reader)
    if known is None:
        said = (
            "for whom it is cannot be made out, so nothing of it is told. Look at it as the keeper, without --audience."
        )
        raise ScenarioError(f"{shown_name(file.name)} cannot be used", [said])
    return not known


def _one(estate: Estate, file: Path) -> Scenario:
    """The scenario of a file that is asked for by name; of one that is not for the estate's reader nothing else is told."""
    from assetplan.errors import ScenarioError
    from assetplan.scenarios.files import read_scenario
    from assetplan.text import shown_name

    if _is_kept(file, estate.audience):
        said = f"audience: this scenario is not for {estate.audience}."
        raise ScenarioError(f"{shown_name(file.name)} cannot be used", [said])
    return read_scenario(file)


def _appraised(
    estate: Estate, scenarios: Sequence[Scenario], paths: Sequence[Path], baseline: Path | None
) -> list[Appraisal]:
    from assetplan.errors import ScenarioError
    from assetplan.results.appraising import appraise_scenarios
    from assetplan.text import shown_name

    names = [one.name for one in scenarios]
    if len(set(names)) < len(names):  # two files may call a scenario alike: where both are shown, files tell them apart
        twice = {name for name in names if names.count(name) > 1}
        scenarios = [
            one.renamed(f"{one.name} ({shown_name(path.name)})") if one.name in twice else one
            for one, path in zip(scenarios, paths, strict=True)
        ]
        if len({one.name for one in scenarios}) < len(scenarios):
            raise ScenarioError("These cannot be compared", ["a scenario is named twice. Name each once."])
    return appraise_scenarios(
        estate, scenarios, _one(estate, baseline) if baseline is not None else None, progress=progress_to()
    )


def appraisals_at(estate: Estate, paths: Sequence[Path]) -> list[Appraisal]:
    """The appraisals of the scenarios of some files and folders, for a page; none, and it is said, where that is not released to the reader."""
    from assetplan import appraisal_words as words

    if not paths:
        return []
    if not estate.released("appraisals"):
        say(words.NOT_RELEASED)
        return []
    asked = _scenarios(estate, paths)
    if not asked:
        say(words.NONE_HERE)
        return []
    return _appraised(estate, [one for _, one in asked], [path for path, _ in asked], None)


def _page(estate: Estate, comparison: Comparison | None, output: Path) -> None:
    """Write the estate's page with what was appraised."""
    from assetplan.maps import map_estate, notes_of, save_map
    from assetplan.text import shown_name

    drawn = map_estate(estate, appraisals=comparison if comparison is not None else ())
    for note in notes_of(drawn):
        say(note)
    save_map(drawn, output)
    say(f"{shown_name(output)} is the page.")


def _check_body(estate: Estate, body: str) -> None:
    from assetplan.appraisal.flow import EXCHEQUER, PUBLIC
    from assetplan.declared import guessed

    known = [*estate.organisations, EXCHEQUER, PUBLIC]
    if body and body not in known:
        raise typer.BadParameter(
            f"{body!r} is no organisation of this estate.{guessed(body, known)}", param_hint="--organisation"
        )


# ------------------------------------------------------------------------------------------------------- answering


def _format(format: str, output: Path | None, *, force: bool, page: bool = False) -> str:
    from assetplan.output import check_free
    from assetplan.terminal import check_output

    if page and output is not None and output.suffix.lower() == ".html":
        check_free(output, force=force)
        return "html"
    check_output(output, force=force)
    return format_of(format, output)  # type: ignore[arg-type]


def _table(results: Sequence[Appraisal], frame: Any, body: str, *, lines: bool, years: bool, wards: bool) -> Any:
    """What is written as CSV: all lines, all years, all wards, or a row for each scenario."""
    import pandas as pd

    from assetplan.appraisal_words import lines_of
    from assetplan.results.records import years_of

    if lines or years or wards:
        parts = [
            lines_of(one, body) if lines else years_of(one, body) if years else one.by_ward.frame for one in results
        ]
        return pd.concat(
            [
                part.assign(scenario=one.scenario.name)[["scenario", *part.columns]]
                for part, one in zip(parts, results, strict=True)
            ]
        )
    return frame


def _answer_nothing(
    estate: Estate, format: str, output: Path | None, *, lines: bool, years: bool, wards: bool, force: bool
) -> None:
    import pandas as pd

    from assetplan.appraisal.economic import LINE_COLUMNS
    from assetplan.effects.wards import WARD_COLUMNS
    from assetplan.results.comparing import COLUMNS
    from assetplan.results.records import YEAR_COLUMNS

    if format == "html" and output is not None:
        _page(estate, None, output)
        return
    columns = (
        [*LINE_COLUMNS, "discount_factor"] if lines else YEAR_COLUMNS if years else WARD_COLUMNS if wards else COLUMNS
    )
    answer(pd.DataFrame(columns=["scenario", *columns], dtype=object), format, output, force=force)


def _deliver_words(sections: Iterable[Section], output: Path | None, *, force: bool) -> None:
    from assetplan.answers import in_sections

    deliver(in_sections(sections), output, force=force)
