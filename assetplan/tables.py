"""The tables of an estate folder, typed by the schema, and which of several facts holds. Comes after the filter."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from rapidfuzz import process

from assetplan import schema
from assetplan.cells import NOT_APPLICABLE, CellError, parse
from assetplan.issues import Findings, Issue, readable
from assetplan.schema import AUDIENCE, FIELDS
from assetplan.text import clean, visible
from assetplan.vocabulary import OVERRIDES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from assetplan.statements import Row, Statements

# What a site is found by: given to the asset or parcel that a fact about the site names, before anything is matched.
_FOUND_BY = {"title_no", "uprn", "parcel_id", "site_reference", "postcode", "ownership"}
_MANY = {name for name, column in FIELDS.items() if column.many}


def typed_table(name: str, statements: Statements, found: Findings) -> pd.DataFrame:
    """The usable rows of one table, typed by the schema, in a fixed order; the others are set aside."""
    columns = schema.table(name)
    id_column = next(iter(columns))
    file = statements.files.get(name, name)
    records: list[dict[str, Any]] = []
    seen_unknown: set[str] = set()
    for count, row in enumerate(statements.tables[name], start=1):
        ref = (readable(row.cells.get(id_column)) if id_column.endswith("_id") else "") or str(count)
        seen_unknown |= {key for key, cell in row.cells.items() if key not in columns and cell.strip()}
        if row.fault:
            found.set_aside(file, ref, "", "row-not-usable", "", row.fault, _known(row, columns), _label(row))
            continue
        record = _record(file, ref, row, columns, found)
        if record is not None:
            records.append({**record, "shape": row.shape, "row": ref})
        if record is not None and row.mended:
            found.issues.append(
                Issue(
                    file,
                    ref,
                    "geometry",
                    "shape-mended",
                    row.mended,
                    "the ring crosses or touches itself",
                    "Mended; its area changes by less than 1%. Draw it again to be sure.",
                )
            )
    for key in sorted(seen_unknown):
        guess = process.extractOne(key, list(columns), score_cutoff=70)
        found.issues.append(
            Issue(
                file,
                "",
                readable(key)[:80],
                "unknown-column",
                "",
                "this column is not one of the table's",
                f"Not read. Did you mean {guess[0]}?" if guess else "Not read.",
            )
        )
    frame = pd.DataFrame(records, columns=[*columns, "shape", "row"], dtype=object)
    if id_column.endswith("_id") and name != "facts":
        frame = _without_repeats(frame, id_column, file, found)
    keys = list(zip(*([str(value or "") for value in frame[column].tolist()] for column in columns), strict=True))
    return frame.iloc[sorted(range(len(frame)), key=keys.__getitem__)].reset_index(drop=True)


def _known(row: Row, columns: Mapping[str, schema.Column]) -> dict[str, str]:
    """The cells of columns the table has: others stay out of every output."""
    return {name: cell for name, cell in row.cells.items() if name in columns}


def _label(row: Row) -> str:
    return "; ".join(sorted(row.label))


def _record(
    file: str, ref: str, row: Row, columns: Mapping[str, schema.Column], found: Findings
) -> dict[str, Any] | None:
    record: dict[str, Any] = {}
    for column in columns.values():
        text = row.cells.get(column.name, "")
        try:
            record[column.name] = _label(row) if column.name == AUDIENCE else parse(column, text)
        except CellError as error:
            found.set_aside(file, ref, column.name, error.code, text, str(error), _known(row, columns), _label(row))
            return None
        if column.kind == "number" and record[column.name] is None and clean(text).lower() not in NOT_APPLICABLE | {""}:
            found.issues.append(
                Issue(
                    file,
                    ref,
                    column.name,
                    "not-known-yet",
                    readable(text),
                    f"{column.name} is said to be {readable(text)}, which is no figure",
                    "Counts as not known, never as none. Give the figure when it is known.",
                )
            )
        if column.required and record[column.name] in (None, "", ()):
            found.set_aside(
                file, ref, column.name, "blank", text, f"{column.name} is blank", _known(row, columns), _label(row)
            )
            return None
    return record


def _without_repeats(frame: pd.DataFrame, id_column: str, file: str, found: Findings) -> pd.DataFrame:
    """The frame without rows that share an identifier and differ; of identical rows one is kept."""
    if frame[id_column].is_unique:
        return frame
    drop: list[int] = []
    for key, group in frame[frame[id_column].notna()].groupby(id_column, sort=True):
        if len(group) == 1:
            continue
        bodies = {
            (
                tuple(str(value) for name, value in record.items() if name not in {AUDIENCE, "shape", "row"}),
                shapely.to_wkb(record["shape"]),
            )
            for record in group.to_dict("records")
        }
        gone = group.iloc[1:] if len(bodies) == 1 else group
        drop += list(gone.index)
        what = "identical" if len(bodies) == 1 else "different"
        for record in gone.to_dict("records"):
            found.set_aside(
                file,
                str(key),
                id_column,
                "repeated-id",
                str(key),
                f"{len(group)} {what} rows carry this identifier",
                record,
                record[AUDIENCE],
            )
    return frame.drop(index=drop).reset_index(drop=True)


def typed_facts(
    statements: Statements, typed: pd.DataFrame, assets: pd.DataFrame, parcels: set[str], found: Findings
) -> pd.DataFrame:
    """Facts with their value typed by the column they speak of, and whether each one is the one in force.

    What `same_as` and `not_same_as` speak of is found later, by what facts make of assets and parcels: see `assetplan.overrides`.
    ``row`` says where each stands.
    """
    file = statements.files.get("facts", "facts.csv")
    subjects = {
        "asset": set(assets["asset_id"]),
        "parcel": parcels,
        "organisation": set(statements.settings.organisations),
    }
    subjects["site"] = subjects["asset"] | subjects["parcel"]
    keep, typed_values = [], []
    for i, fact in enumerate(records(typed)):
        column = FIELDS.get(fact["field"])
        if column is None:
            guess = process.extractOne(fact["field"], list(FIELDS), score_cutoff=60)
            hint = f"is not a column that a fact may give{f'; did you mean {guess[0]}?' if guess else ''}"
            found.set_aside(
                file,
                fact["row"],
                "field",
                "unknown-field",
                fact["field"],
                f"{fact['field']} {hint}",
                fact,
                fact[AUDIENCE],
            )
            continue
        if column.name in OVERRIDES:
            keep.append(i)
            typed_values.append(fact["value"])
            continue
        known = subjects.get(fact["subject_kind"])
        if known is not None and fact["subject"] not in known:
            what = "asset or parcel" if fact["subject_kind"] == "site" else fact["subject_kind"]
            found.set_aside(
                file,
                fact["row"],
                "subject",
                "unknown-subject",
                fact["subject"] or "",
                f"there is no such {what} here",
                fact,
                fact[AUDIENCE],
            )
            continue
        try:
            value = parse(column, fact["value"] or "")
        except CellError as error:
            found.set_aside(
                file, fact["row"], "value", error.code, str(fact["value"]), str(error), fact, fact[AUDIENCE]
            )
            continue
        keep.append(i)
        typed_values.append(value)
    frame = typed.iloc[keep].reset_index(drop=True)
    frame["typed"] = pd.Series(typed_values, index=frame.index, dtype=object)
    frame["in_force"] = _in_force(frame, file, found.issues)
    return frame.drop(columns="shape")


def _in_force(facts: pd.DataFrame, file: str, issues: list[Issue]) -> NDArray[np.bool_]:
    """Of facts about one column of one subject the latest holds; equal dates with different values hold for neither."""
    out = np.zeros(len(facts), dtype=bool)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (kind, subject, name) in enumerate(
        zip(facts["subject_kind"], facts["subject"], facts["field"], strict=True)
    ):
        if name in _MANY:
            out[i] = True
        else:
            groups["estate" if kind == "estate" else str(subject), name].append(i)
    for (subject, name), members in sorted(groups.items()):
        dates = [facts["as_of"].iat[i] or dt.date.min for i in members]
        latest = [i for i, date in zip(members, dates, strict=True) if date == max(dates)]
        values = {facts["typed"].iat[i] for i in latest}
        if len(values) == 1:
            out[latest[0]] = True
            continue
        said = "; ".join(sorted(str(facts["value"].iat[i]) for i in latest))
        ids = "; ".join(sorted(str(facts["fact_id"].iat[i] or "no identifier") for i in latest))
        issues.append(
            Issue(
                file,
                ids,
                "value",
                "facts-disagree",
                visible(said)[:200],
                f"facts of one date give {name} of {subject} different values",
                "Neither is used; what the register says stands. Give one a later as_of.",
            )
        )
    return out


def apply_facts(facts: pd.DataFrame, assets: pd.DataFrame, land: pd.DataFrame) -> None:
    """Write facts in force over what registers and parcels say, in place.

    A fact about an asset gives any of its columns. A fact about a site that names an asset or parcel gives it what it is found
    by; the rest of such facts belongs to the site as a whole: see `settled`.
    """
    at_asset = {asset: i for i, asset in zip(assets.index, assets["asset_id"], strict=True)}
    at_parcel = {parcel: i for i, parcel in zip(land.index, land["parcel_id"], strict=True)}
    columns = ["subject_kind", "subject", "field", "typed", "in_force"]
    for kind, subject, name, value, used in facts[columns].itertuples(index=False):
        if not used or name in _MANY:
            continue
        if subject in at_asset and (kind == "asset" or name in _FOUND_BY):
            assets.at[at_asset[subject], name] = value
        elif subject in at_parcel and name in {"title_no", "uprn"}:
            land.at[at_parcel[subject], name] = value


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as dictionaries: pandas' own way looks at each cell for numbers to unwrap, which takes ten times as long.

    Examples
    --------
    >>> records(pd.DataFrame({"gap_m": [0.5], "relation": ["near"]}))
    [{'gap_m': 0.5, 'relation': 'near'}]
    """
    names = list(frame.columns)
    return [dict(zip(names, row, strict=True)) for row in zip(*(frame[name].tolist() for name in names), strict=True)]


def settled(facts: Iterable[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    """Of facts in force about the members of one site, the one that gives a column of the site as a whole.

    The latest holds; where facts of the latest date differ, none does. A fact about one asset speaks for that asset alone,
    except on whether a title is confirmed and on ownership, which are the site's.
    """
    about = [
        fact
        for fact in facts
        if fact["field"] == name
        and (fact["subject_kind"] in {"site", "parcel"} or name in {"holder_status", "ownership"})
    ]
    if not about:
        return None
    last = max(fact["as_of"] or dt.date.min for fact in about)
    latest = [fact for fact in about if (fact["as_of"] or dt.date.min) == last]
    return latest[0] if len({fact["typed"] for fact in latest}) == 1 else None
