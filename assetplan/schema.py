"""Every column of every table, once: its name, type, unit, vocabulary, meaning, and the headings it is known by.

Reading, checking, exporting and ``assetplan columns`` all read this table; nothing else describes a column.
"""

from __future__ import annotations

from assetplan.appraisal_columns import APPRAISAL_COLUMNS
from assetplan.folder_columns import AUDIENCE, AUDIENCE_COLUMNS, FOLDER_COLUMNS, LABELLED_TABLES, LAYER_TABLES
from assetplan.option_columns import OPTION_COLUMNS
from assetplan.register_columns import REGISTER_COLUMNS
from assetplan.result_columns import RESULT_COLUMNS
from assetplan.scenario_columns import SCENARIO_COLUMNS
from assetplan.vocabulary import Column

__all__ = ["ASSETS", "AUDIENCE", "COLUMNS", "FIELDS", "LABELLED_TABLES", "LAYER_TABLES", "Column", "table"]

COLUMNS: tuple[Column, ...] = (
    *REGISTER_COLUMNS,
    *FOLDER_COLUMNS,
    *AUDIENCE_COLUMNS,
    *RESULT_COLUMNS,
    *OPTION_COLUMNS,
    *SCENARIO_COLUMNS,
    *APPRAISAL_COLUMNS,
)
ASSETS: dict[str, Column] = {column.name: column for column in REGISTER_COLUMNS}
FIELDS: dict[str, Column] = {column.name: column for column in REGISTER_COLUMNS if column.fact}


def table(name: str) -> dict[str, Column]:
    """The columns of one table by name, in order.

    Examples
    --------
    >>> list(table("relations"))
    ['site_a', 'site_b', 'relation', 'basis', 'gap_m', 'shared_boundary_m', 'between', 'across']
    """
    return {column.name: column for column in COLUMNS if column.table == name}
