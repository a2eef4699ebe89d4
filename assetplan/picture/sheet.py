"""The map of an estate as a picture for a committee paper: PNG, PDF or SVG on A4 or A3, drawn in EPSG:27700.

The picture says what the page says, in the same colours, patterns and outlines. Nothing is filtered here: an estate is for its
reader already. Assemblies are left out altogether, even where they are released: a ranking of sites is no backdrop for a paper.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import shapely
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from assetplan.errors import OutputError
from assetplan.estate import sites as sites_of
from assetplan.imprint import dates_of, stamp_of, title_of
from assetplan.looks import PRECISION_TEXTS, STATUS_OUTLINES, outline_of
from assetplan.output import write_whole
from assetplan.picture import keys
from assetplan.picture.keys import Entry, Section
from assetplan.picture.lettering import shown, width_of, wrap
from assetplan.picture.mapping import draw_content
from assetplan.picture.marks import GROUND_KINDS, Content, Mark, content_of, marks_of, square_of
from assetplan.picture.painting import GROUND_TEXTS, INK, MUTED, PAPER, RULE, STAMP, SURFACE, paint, write
from assetplan.site import UNKNOWN
from assetplan.text import counted, visible

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from assetplan.estate import Estate
    from assetplan.ground import Bounds
    from assetplan.picture.lettering import Box

__all__ = ["SUFFIXES", "draw_map", "save_picture"]

Paper = Literal["A4", "A3"]
SUFFIXES = (".png", ".pdf", ".svg")

_SOURCES = "Sources and licences:"
_MILLIMETRE = 72 / 25.4
_DPI = 150
# Scales people have rulers for, and enough between them that little of the sheet stays empty.
_SCALES = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.5, 9.0)


@dataclass(frozen=True)
class _Sheet:
    """A sheet of paper, landscape: its size in points, and how much larger than on A4 its text is."""

    width: float
    height: float
    text: float
    margin: float = 10 * _MILLIMETRE


_SHEETS = {
    "A4": _Sheet(297 * _MILLIMETRE, 210 * _MILLIMETRE, 1.0),
    "A3": _Sheet(420 * _MILLIMETRE, 297 * _MILLIMETRE, 1.2),
}


def draw_map(
    estate: Estate,
    *,
    paper: Paper = "A4",
    backdrop: str | os.PathLike[str] | None = None,
    backdrop_licence: str = "",
) -> Figure:
    """The map of an estate as a figure, as its reader may know it.

    Parameters
    ----------
    estate
        The estate; choose the reader first: ``read_estate(...).for_audience("public")``. Assemblies are never drawn.
    paper
        ``"A4"`` or ``"A3"``, landscape.
    backdrop, backdrop_licence
        A vector file to lie behind the sites, and what its licence asks to be said, as in `assetplan.map_estate`.

    Returns
    -------
    matplotlib.figure.Figure
        Made without pyplot. Its first axes are the map, in metres (EPSG:27700) with equal aspect: paint on them and go on to
        `save_picture` or ``figure.savefig``. The size of marks and the place of names were worked out for the extent drawn.

    Raises
    ------
    OutputError
        Where there is no such paper.

    Notes
    -----
    Outlines are drawn up to 1,500 sites; sites at one place are drawn as a pie of their owners. More sites than that are
    counted by squares of the National Grid, each square a pie, so that no owner hides another. Pass text of your own from data
    with ``parse_math=False``, or matplotlib reads what stands between dollar signs as mathematics.

    Examples
    --------
    >>> import assetplan as ap
    >>> figure = ap.draw_map(ap.read_estate("data/malton").for_audience("public"))
    >>> figure.axes[0].get_aspect()
    1.0
    """
    if paper not in _SHEETS:
        raise OutputError(f"{visible(str(paper))}: no such paper; it is one of {', '.join(_SHEETS)}.")
    with _own_settings():
        return _draw(estate, content_of(estate, backdrop, backdrop_licence), paper, _SHEETS[paper])


def save_picture(
    picture: Estate | Figure,
    path: str | os.PathLike[str],
    *,
    paper: Paper = "A4",
    backdrop: str | os.PathLike[str] | None = None,
    backdrop_licence: str = "",
) -> Path:
    """Write the map of an estate, or a figure from `draw_map`, as a picture.

    Parameters
    ----------
    picture
        An estate for its reader, or a figure from `draw_map` with whatever was added to it.
    path
        ``.png`` (150 dots an inch), ``.pdf`` (text that can be searched, fonts embedded) or ``.svg`` (text as shapes, so that it
        looks the same everywhere; nothing is loaded from elsewhere). The file is replaced whole or not at all.
    paper
        For an estate, ``"A4"`` or ``"A3"``, landscape; a figure has its size already.
    backdrop, backdrop_licence
        For an estate, as in `draw_map`.

    Returns
    -------
    pathlib.Path
        The file written. The same estate gives the same bytes.

    Raises
    ------
    OutputError
        Where the suffix is not one of these, there is no such paper, or the file cannot be written.

    Examples
    --------
    >>> import assetplan as ap, pathlib, tempfile
    >>> estate = ap.read_estate("data/malton").for_audience("public")
    >>> ap.save_picture(estate, pathlib.Path(tempfile.mkdtemp()) / "malton.png").name
    'malton.png'
    """
    target = Path(path)
    form = target.suffix.lower()
    if form not in SUFFIXES:
        raise OutputError(f"{visible(str(target))}: the suffix says the format; it is one of {', '.join(SUFFIXES)}.")
    figure = (
        picture
        if isinstance(picture, Figure)
        else draw_map(picture, paper=paper, backdrop=backdrop, backdrop_licence=backdrop_licence)
    )
    title = figure.get_label()
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None, "Title": str(title)},
        ".pdf": {"Title": title, "Creator": None, "Producer": None, "CreationDate": None, "ModDate": None},
        ".svg": {"Title": title, "Creator": None, "Date": None, "Format": None, "Type": None},
    }
    buffer = io.BytesIO()
    with _own_settings():
        figure.savefig(buffer, format=form[1:], dpi=_DPI, metadata=metadata[form])
    data = buffer.getvalue()
    if form == ".svg":
        # The name of a document type is an address that some programs fetch. A picture loads nothing.
        data = re.sub(rb"<!DOCTYPE[^>]*>\s*", b"", data, count=1)
    elif form == ".pdf":
        data = _in_english(data)
    write_whole(target, data)
    return target


def _in_english(pdf: bytes) -> bytes:
    """A PDF whose catalogue says its language and that its title is to be shown, as screen readers and checkers want.

    Matplotlib has no way to say so. What is added is an incremental update (ISO 32000-1, 7.5.6): a new edition of the
    catalogue, with its place in the file, after the end.
    """
    number, pages = map(int, re.findall(rb"(\d+) 0 obj\n<< /Type /Catalog /Pages (\d+) 0 R >>", pdf)[0])
    trailer = re.findall(rb"trailer\n<< (/Size \d+ .*?) >>\nstartxref\n(\d+)\n%%EOF", pdf, re.DOTALL)[-1]
    words = b"/Lang (en-GB) /ViewerPreferences << /DisplayDocTitle true >>"
    body = b"%d 0 obj\n<< /Type /Catalog /Pages %d 0 R %s >>\nendobj\n" % (number, pages, words)
    index = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< %s /Prev %s >>\n" % (number, len(pdf), *trailer)
    return pdf + body + index + b"startxref\n%d\n%%%%EOF\n" % (len(pdf) + len(body))


def in_words(estate: Estate) -> str:
    """What the picture for this estate's reader shows, in one sentence.

    Examples
    --------
    >>> import assetplan as ap
    >>> in_words(ap.read_estate("data/malton").for_audience("public")).split(",")[0]
    '22 sites of five organisations'
    """
    frame = sites_of(estate)
    owners = {owner for owner in frame["organisation"] if owner != UNKNOWN}
    unowned = int((frame["organisation"] == UNKNOWN).sum())
    context = len(estate.context())
    said = counted(len(frame), "site") + (f" of {counted(len(owners), 'organisation')}" if owners else "")
    if unowned:
        said += (
            f", {counted(unowned, 'one', 'ones').rsplit(' ', 1)[0]} of unknown owner among them"
            if owners
            else ", all of unknown owner"
        )
    if context:
        said += f"; {counted(context, 'listed place')} not known to be public estate"
    off = int((estate.assets["location_precision"] == "none").sum())
    if off:
        said += f"; {counted(off, 'asset has', 'assets have')} no location and cannot be drawn"
    return f"{said[:1].upper()}{said[1:]}."


@contextmanager
def _own_settings() -> Iterator[None]:
    """Matplotlib's own defaults for the while, whatever the caller's are; afterwards the caller's again."""
    with mpl.rc_context():
        mpl.rcdefaults()
        # Text of a PDF stays text, to be searched and read aloud. Text of an SVG would be drawn in whatever font the reader has,
        # over marks it was measured to avoid; there it becomes shapes, with the words beside them in comments.
        mpl.rcParams.update({"pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": "assetplan"})
        yield


# ------------------------------------------------------------------------------------------------------- the sheet


def _draw(estate: Estate, content: Content, paper: str, sheet: _Sheet) -> Figure:
    title = shown(title_of(estate))
    figure = Figure(figsize=(sheet.width / 72, sheet.height / 72), dpi=_DPI, facecolor=SURFACE, label=title)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8), facecolor=PAPER, label="map")
    page = figure.add_axes((0.0, 0.0, 1.0, 1.0), label="sheet", zorder=-1)
    page.set(xlim=(0, sheet.width), ylim=(0, sheet.height))
    page.set_axis_off()
    top = _head(page, estate, title, sheet)
    # What the map leaves unsaid is known only once it is drawn; room is held for the most it can be.
    bottom = sheet.margin + _foot_height(
        _foot_lines(_notes(estate, content, len(content.drawn)), content, sheet), sheet
    )
    key = _key(_sections(content), top - bottom, sheet)
    frame = (sheet.margin, bottom, sheet.width - sheet.margin - key.width - 12, top)
    scale = _fit(content.bounds, frame)
    metres = scale * 0.0254 / 72
    content = content.within(_set_extent(axes, content.bounds, frame, metres, sheet))
    size = 6.4 * sheet.text
    marks = marks_of(content, metres, size)
    unnamed = draw_content(axes, content, marks, frame, metres, size=size, scale=f"1:{scale:,.0f} at {paper}")
    key = _key(_sections(content, marks, metres), top - bottom, sheet)
    keys.draw(page, key, frame[2] + 12, top)
    _foot(page, _foot_lines(_notes(estate, content, unnamed), content, sheet), sheet)
    return figure


def _head(page: Axes, estate: Estate, title: str, sheet: _Sheet) -> float:
    """Title, stamp, banner, what is shown and as at when; the height at which the map may begin."""
    left, right, y = sheet.margin, sheet.width - sheet.margin, sheet.height - sheet.margin
    size = sheet.text
    room = right - left
    if stamp := shown(stamp_of(estate)):
        lines = wrap(stamp, room * 0.42, 9 * size, "bold")
        wide = max(width_of(line, 9 * size, "bold") for line in lines) + 14 * size
        high = len(lines) * 11.5 * size + 6 * size
        box = shapely.box(right - wide, y - high, right - 1, y - 1)
        paint(page, box, face=SURFACE, edge=STAMP, width=2.0)
        for n, line in enumerate(lines):
            write(
                page,
                right - wide / 2,
                y - (11.5 * n + 11.5) * size,
                line,
                9 * size,
                face="bold",
                colour=STAMP,
                align="center",
            )
        room -= wide + 14
    stamp_foot = y - high - 5 * size if stamp else y
    for line in wrap(title, room, 15 * size, "bold", most=3):
        y -= 16 * size
        write(page, left, y, line, 15 * size, face="bold")
    y = min(y - 3 * size, stamp_foot)
    room = right - left
    for line in wrap(shown(estate.banner), room, 7.4 * size, most=4):
        y -= 9.4 * size
        write(page, left, y, line, 7.4 * size)
    dates = "  ·  ".join(f"{label}: {value}" for label, value in dates_of(estate))
    for text, face in ((in_words(estate), "bold"), (dates, "plain")):
        for line in wrap(shown(text), room, 7.4 * size, "bold" if face == "bold" else "plain", most=3):
            y -= 9.6 * size
            write(
                page,
                left,
                y,
                line,
                7.4 * size,
                face="bold" if face == "bold" else "plain",
                colour=INK if face == "bold" else MUTED,
            )
    return y - 7 * size


def _fit(bounds: Box, frame: Box) -> float:
    """The denominator of the largest even scale at which the extent fits the frame."""
    west, south, east, north = bounds
    least = max((east - west) / (frame[2] - frame[0]), (north - south) / (frame[3] - frame[1])) * 72 / 0.0254
    power = 10.0 ** math.floor(math.log10(least))
    return next(step for step in (*(s * power for s in _SCALES), 10 * power) if step >= least * 0.9999)


def _set_extent(axes: Axes, bounds: Box, frame: Box, metres: float, sheet: _Sheet) -> Bounds:
    """Put the map in its frame on the sheet, the extent in the middle, `metres` to a point; and say what then shows."""
    wide, high = frame[2] - frame[0], frame[3] - frame[1]
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    axes.set_position((frame[0] / sheet.width, frame[1] / sheet.height, wide / sheet.width, high / sheet.height))
    west, east = x - wide * metres / 2, x + wide * metres / 2
    south, north = y - high * metres / 2, y + high * metres / 2
    axes.set(xlim=(west, east), ylim=(south, north))
    axes.set_aspect("equal", adjustable="box")
    axes.set(xticks=[], yticks=[])
    axes.set_autoscale_on(False)
    for spine in axes.spines.values():
        spine.set(color=RULE, linewidth=0.8)
    return (west, south, east, north)


# ------------------------------------------------------------------------------------------------------- key


def _key(sections: list[Section], height: float, sheet: _Sheet) -> keys.Key:
    return keys.lay_out(sections, height, size=7.4 * sheet.text, column=150 * sheet.text, columns=2)


def _sections(content: Content, marks: Sequence[Mark] | None = None, metres: float = 1.0) -> list[Section]:
    """What the key says; before the marks are known, the most it may have to say."""
    counts = Counter(content.frame["organisation"])
    organisations = [
        Entry(keys.organisation_swatch(content.looks[key]), content.names[key], counts[key])
        for key in sorted(counts, key=lambda key: (key == UNKNOWN, key))
    ]
    precise: list[Entry] = []
    statuses: list[Entry] = []
    if content.is_crowded:
        said = f"sites counted in squares of {square_of(metres) / 1000:g} km, parted by owner"
        precise.append(Entry(keys.pie_swatch, said))
    else:
        present = {outline_of(status).text for status in content.drawn["status"]}
        statuses = [
            Entry(keys.outline_swatch(look), look.text) for look in STATUS_OUTLINES.values() if look.text in present
        ]
        texts = {**PRECISION_TEXTS, "small": "a drawn outline too small for this scale"}
        shown_as = {mark.precision for mark in marks} if marks is not None else {*texts, "several"}
        swatches = {**keys.PRECISION_SWATCHES, "small": keys.PRECISION_SWATCHES["point"]}
        precise = [Entry(swatches[precision], text) for precision, text in texts.items() if precision in shown_as]
        if "several" in shown_as:
            precise.append(Entry(keys.pie_swatch, "several sites at one place, by owner, with their number"))
    if len(content.context):
        precise.append(Entry(keys.diamond_swatch, "listed, not known to be public estate", len(content.context)))
    kinds = [kind for kind in GROUND_KINDS if kind in content.ground]
    return [
        Section("Whose: colour, pattern, letter", tuple(organisations), _and_more),
        Section("Status: outline", tuple(statuses)),
        Section("How exactly placed", tuple(precise)),
        Section("Backdrop", tuple(Entry(keys.ground_swatch(kind), GROUND_TEXTS[kind]) for kind in kinds)),
    ]


def _and_more(left: Sequence[Entry]) -> str:
    sites = sum(entry.count or 0 for entry in left)
    return f"and {counted(len(left), 'more organisation')} with {counted(sites, 'site')}, drawn in colours and letters of their own"


# ------------------------------------------------------------------------------------------------------- small print


def _notes(estate: Estate, content: Content, unnamed: int) -> list[str]:
    """What a reader must know to read the picture rightly."""
    frame = content.frame
    said = []
    mock = int((frame["illustrative"] == True).sum())  # noqa: E712
    if mock:
        said.append(f"Illustrative: the shape or the register of {mock:,} of {len(frame):,} sites.")
    if not estate.labelled:
        said.append("Nothing in this data says who may see it, so all of it counts as public.")
    off = len(frame) - len(content.drawn)
    if off:
        said.append(f"{off:,} of {len(frame):,} sites have no location and are not drawn; they are counted in the key.")
    if content.is_crowded:
        said.append("There are too many sites to draw each: names, status and precision are left out.")
    elif unnamed:
        said.append(f"The names of {unnamed:,} of {len(content.drawn):,} sites drawn did not fit and are left out.")
    said.append("British National Grid (EPSG:27700), grid north up. A picture to find one's way by, not a title plan.")
    return [*content.attributions, *said]


def _foot_lines(notes: list[str], content: Content, sheet: _Sheet) -> list[list[str]]:
    """Notes, sources and licences in columns of lines; what would take more than a fifth of the sheet is counted."""
    size, columns = _small(sheet)
    column = (sheet.width - 2 * sheet.margin - (columns - 1) * 14) / columns
    most = int(0.2 * sheet.height / (size * 1.22)) * columns
    blocks = [wrap(shown(note), column, size) for note in notes]
    sources = [wrap(shown(source), column, size) for source in content.sources]
    blocks.append([_SOURCES, *sources[0]])
    for n, source in enumerate(sources[1:], 1):
        if sum(map(len, blocks)) + len(source) > most:
            blocks.append([f"and {counted(len(sources) - n, 'more source')}, as the page of this estate lists them."])
            break
        blocks.append(source)
    return next(found for high in range(1, most + 99) if (found := _stack(blocks, high, columns)))


def _stack(blocks: list[list[str]], high: int, columns: int) -> list[list[str]]:
    """Blocks of lines in columns so many lines high, none parted; nothing where they do not fit."""
    out: list[list[str]] = [[]]
    for block in blocks:
        if len(out[-1]) + len(block) > high:
            out.append([])
        out[-1] += block
    return out if len(out) <= columns and max(map(len, out)) <= high else []


def _small(sheet: _Sheet) -> tuple[float, int]:
    return 5.6 * sheet.text, 3


def _foot_height(columns: list[list[str]], sheet: _Sheet) -> float:
    return max(map(len, columns)) * _small(sheet)[0] * 1.22 + 9


def _foot(page: Axes, columns: list[list[str]], sheet: _Sheet) -> None:
    size, n = _small(sheet)
    column = (sheet.width - 2 * sheet.margin - (n - 1) * 14) / n
    top = sheet.margin + _foot_height(columns, sheet) - 9
    for i, lines in enumerate(columns):
        for j, line in enumerate(lines):
            x, y = sheet.margin + i * (column + 14), top - (j + 0.8) * size * 1.22
            write(page, x, y, line, size, face="bold" if line == _SOURCES else "plain", colour=MUTED)
