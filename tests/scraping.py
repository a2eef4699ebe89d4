"""Numbers scraped from what is printed: each is one that was said of a figure, or of a kind that needs no explanation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from html.parser import HTMLParser
from typing import Any

from assetplan.explaining.saying import NUMBERS, Said

STATED = (
    r"\b\d{4}-\d{2}-\d{2}\b",  # days
    r"\b(?:1[89]|2[01])\d\d(?:/\d\d)?\b",  # years
    r"\baction \d+\b|\bfunding \d+(?:, \d+)*\b|\bbenefit \d+\b",  # entries of a scenario
    r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b",
    r"\bsection \d+\b",  # of an Act, and the officer who is called after one
    r"\b19 of 20\b|\bnine of ten\b|\bbelow 0\b|\babove 0\b",
    r"\b(?:line/)?[ef]\d+\b",
)
"""Kinds of number that are no figures of an appraisal: years, numbers of entries, dates, and what the method always says."""


def strays(text: str, said: Iterable[Said], given: Iterable[str] = ()) -> list[str]:
    """Numbers in a text that were not said of a figure: ``given`` are texts from the data, which are shown as they are."""
    for one in sorted({part for part in given if part}, key=len, reverse=True):
        text = text.replace(one, " ")
    for kind in STATED:
        text = re.sub(kind, " ", text)
    known = {number for one in said for number in NUMBERS.findall(one.text)}
    return [number for number in NUMBERS.findall(text) if number not in known]


def printed(sections: Iterable[Any]) -> str:
    """Sections as text in which no cell of a table is broken over lines."""
    out = []
    for one in sections:
        out += [one.heading, *one.sentences]
        if one.table is not None:
            out += [
                " | ".join(map(str, row))
                for row in (tuple(one.table.columns), *one.table.itertuples(index=False, name=None))
            ]
    return "\n".join(out)


def wrong(said: Iterable[Said], explain: Callable[[str], Any]) -> list[Said]:
    """What was said of figures that do not resolve, or resolve to another value."""
    out = []
    for one in dict.fromkeys(said):
        found = explain(one.figure_id)
        if found.figure_id != one.figure_id or found.value != one.value:
            out.append(one)
    return out


def numbers_in(value: object, path: str = "") -> Iterable[tuple[str, float]]:
    """Every number of a record with its path: ``by_organisation/rdc/npv_gbp``; truths are no numbers."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from numbers_in(part, f"{path}/{key}" if path else str(key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from numbers_in(part, f"{path}/{at}")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path, float(value)


class _Figures(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[tuple[str, list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        figure = dict(attrs).get("data-figure")
        if tag not in {"br", "img", "input", "meta", "link", "hr"}:
            self._open.append((figure or "", []))

    def handle_data(self, data: str) -> None:
        for figure, text in self._open:
            if figure:
                text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._open:
            figure, text = self._open.pop()
            if figure:
                self.found.append((figure, "".join(text)))


def figures_in_html(page: str) -> list[tuple[str, str]]:
    """Every element of a page that says which figure it is, with its text."""
    parser = _Figures()
    parser.feed(page)
    return parser.found
