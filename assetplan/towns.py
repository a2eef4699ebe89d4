"""Names of towns and villages told from addresses and the positions of what stands there.

A map without a base map still needs names that a reader knows, and a register's addresses hold them. The segments of an address
are taken from its end: postcodes, counties, streets and buildings are passed over, what is left is a name if enough places
that carry it lie close together. Nothing is looked up anywhere.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

# Half of what carries a name must lie within this of its middle. Among England's fire stations and police stations those
# that name Liverpool or Sheffield have 4.1 and 4.5 km; Buckinghamshire 10, Surrey 14, East Sussex 17 and Cumbria 35 km.
REACH_M = 6_000.0
# Towns have up to 2 km (Bolton 1.9, Altrincham 1.5, Sale 1.2 km); "Manchester" in registers of Trafford alone, where it is a post town, has 2.3 km.
_TOWN_M = 2_000.0
# Places of one name are told apart where ten kilometres or so of country without it lie between them.
_CELL_M = 5_000.0
_APART_M = 100.0
_FEWEST = 3
_FAIR_SHARE = 0.25
_SMALL_ESTATE = 60
_MOST = 2 / 3
_LONGEST = 40
_MOST_WORDS = 5

_POSTCODE = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?(?:\s*\d[A-Za-z]{2})?\s*$")
_PARTS = re.compile(r"[,;\n]|\s[-\u2013]\s")
_NAME = re.compile(r"[^\W\d_]+(?:[ '\u2019.\-&]+[^\W\d_]+)*\.?")
_KEY = re.compile(r"[^\w]+")


def _words(text: str, mark: str | None = None) -> frozenset[str]:
    return frozenset(" ".join(word.split()) for word in text.split(mark))


# Counties and countries as addresses end in them; any single word in -shire is one besides.
_COUNTIES = _words(
    """avon;bedfordshire;beds;berks;berkshire;bucks;buckinghamshire;cambs;cambridgeshire;cheshire;cheshire east;
    cheshire west and chester;cleveland;clwyd;co durham;co. durham;cornwall;county durham;cumberland;cumbria;derbys;derbyshire;devon;
    dorset;dyfed;east sussex;east yorkshire;east riding of yorkshire;east riding;essex;glos;gloucestershire;gloucs;greater london;
    greater manchester;gtr manchester;gwent;gwynedd;hants;hampshire;hereford and worcester;herefordshire;hertfordshire;herts;
    humberside;isle of wight;kent;lancashire;lancs;leicestershire;leics;lincolnshire;lincs;merseyside;mid glamorgan;middlesex;
    middx;norfolk;north humberside;north lincolnshire;north somerset;north yorkshire;north yorks;n yorks;n. yorkshire;n yorkshire;
    northamptonshire;northants;northumberland;nottinghamshire;notts;oxfordshire;oxon;powys;rutland;salop;shropshire;somerset;
    south glamorgan;south gloucestershire;south humberside;south wales;mid wales;north wales;south yorkshire;s yorkshire;s yorks;
    south yorks;staffordshire;staffs;suffolk;surrey;sussex;telford and wrekin;tyne and wear;tyne & wear;warks;warwickshire;
    west glamorgan;west midlands;west sussex;west yorkshire;west yorks;w yorkshire;w yorks;westmorland;wilts;wiltshire;
    worcestershire;worcs;yorks;yorkshire;anglesey;isle of anglesey;ceredigion;conwy;monmouthshire;pembrokeshire;flintshire;
    aberdeenshire;angus;argyll;argyll and bute;ayrshire;fife;highland;lanarkshire;lothian;midlothian;west lothian;east lothian;moray;
    perth and kinross;perthshire;renfrewshire;scottish borders;strathclyde;tayside;
    england;scotland;wales;great britain;united kingdom;uk;gb""",
    ";",
)

# A word that ends a street's name: what follows it in one segment ("Market Street Cheltenham") may be a town.
_STREET = _words(
    """road rd street avenue ave lane ln drive dr close crescent cres terrace way place square sq walk row mews parade boulevard
    embankment bypass roundabout approach grove rise wharf quay yard arcade circus esplanade promenade highway gardens court hill
    gate broadway croft vale drove causeway passage path view"""
)
# Of those, words in which the names of towns end as well (Burgess Hill, Margate is one word, Harold Wood is none).
_EITHER = frozenset(("hill", "gate", "vale", "broadway", "croft"))
# A name that ends in one of these is a building, an estate or a part of a town, not a town.
_ENDS = _words(
    """centre center centr hall house library station hospital school schools academy college university church chapel mosque
    surgery clinic depot office offices building buildings estate park court gate lodge farm cottage cottages villas hotel inn
    castle museum theatre gallery cemetery crematorium garden gardens ground grounds recreation field fields playing pavilion shop
    shops mall precinct market works mill mills headquarters hq complex campus block unit units floor suite room flat flats tower
    towers store stores superstore supermarket st the of and garage garages toilets allotments bank side"""
)
# Towns end in these too, if a street goes before: "High Street, Hebden Bridge".
_AFTER_STREET = _words("green end bridge cross")
# Words no name of a town holds.
_NEVER = _words(
    """council county district borough unitary authority parish police fire ambulance rescue community service services trust nhs
    ltd limited plc llp association club society department dept constabulary headquarters business industrial trading enterprise
    retail shopping leisure sports medical health care nursing primary secondary infant junior academy library school hospital
    surgery pharmacy land site adjacent adjoining adj opposite opp rear behind front corner junction near off between record plot
    car former unknown none null tbc na nil various mr mrs ms miss dr rev sir flat unit floor level hub centre center"""
)
_MERE = _words(
    """old new great little high low saint st market king's bishop's north south east west northern southern eastern western upper
    lower extension central town city village n s e w"""
)
_SMALL = _words("and at by cum de en in juxta la le next on over sub super the under upon with of")


@dataclass(frozen=True)
class Town:
    """A name and where it lies: `count` located places carry it; `easting` and `northing` in metres (EPSG:27700)."""

    name: str
    easting: float
    northing: float
    count: int
    registers: tuple[str, ...]


def names_in(address: str) -> list[str]:
    """The names in an address that may be those of a town or village, the most local first, as the address writes them.

    Examples
    --------
    >>> names_in("405 Stockport Road, Timperley, Altrincham, Cheshire WA15 7XR")
    ['Timperley', 'Altrincham']
    >>> names_in("Unit 6 Enterprise Centre Central Way Cheltenham Gloucestershire GL51 8JW")
    ['Cheltenham']
    """
    return [name for name, _ in _named(address)]


def _named(address: str) -> list[tuple[str, bool]]:
    """The names of `names_in`, each with whether it comes straight after a street or a house number."""
    segments = [rest for part in _PARTS.split(address) if (rest := _without_county(part))]
    found = []
    for i, segment in enumerate(segments):
        words = segment.split()
        street = max((at for at, word in enumerate(words) if _plain(word) in _STREET), default=-1)
        either = street == len(words) - 1 > 0 and _plain(words[-1]) in _EITHER
        if either and i == len(segments) - 1 and i > 0 and not any(_plain(word) in _STREET for word in words[:-1]):
            street = -1  # "High Street, Burgess Hill"
        tail = " ".join(words[street + 1 :]).strip(" .")
        if not tail or not _may_be_town(tail):
            continue
        if street < 0 and i == 0 and len(segments) > 1:
            continue  # the building's name, or whose it is
        after_street = street >= 0 or (i > 0 and _has_street(segments[i - 1]))
        if not after_street and (0 < i < len(segments) - 1 or _plain(words[-1]) in _AFTER_STREET):
            continue  # "Town Hall, Kingsway, Bolton": a street without a word for it
        found.append((tail, after_street))
    return found


def towns_of(
    addresses: Sequence[str],
    easting: NDArray[np.float64],
    northing: NDArray[np.float64],
    registers: Sequence[str],
) -> list[Town]:
    """The towns and villages that addresses name, each at the middle of what stands there, the most frequent first.

    Parameters
    ----------
    addresses, registers
        Of each located place: its address, and the register it is from.
    easting, northing
        Where it is, in metres (EPSG:27700).

    Returns
    -------
    list of Town
        A name is taken if it is the most local name of at least three addresses that carry it (two, where both have it straight
        after a street or there are sixty or fewer) and of a quarter of them or more, so that it is not merely the post town of others; and if half of
        those addresses lie near their middle: within 2 km, or a twentieth of the extent of all, or `REACH_M` where half of
        all carry it, and never beyond `REACH_M`. A name found in parts of the country far from one another is as
        many towns, unless more than a third of those that carry it lie in none of them: then it is a county's.

    Examples
    --------
    >>> x = np.array([394_800.0, 395_100.0, 394_500.0])
    >>> y = np.array([222_400.0, 222_900.0, 222_100.0])
    >>> towns_of(
    ...     ["1 High Street, CHELTENHAM", "Bath Road, Cheltenham", "Swindon Road, Cheltenham"], x, y, ["a.csv"] * 3
    ... )[0]
    Town(name='Cheltenham', easting=394800.0, northing=222400.0, count=3, registers=('a.csv',))
    """
    mentions, spelt = _mentions(addresses, easting, northing)
    if not mentions:
        return []
    total = len({mention.at for carried in mentions.values() for mention in carried})
    extent = float(max(np.ptp(easting), np.ptp(northing)))
    out = []
    for key, carried in mentions.items():
        at = np.array([mention.at for mention in carried])
        reach = REACH_M if len(carried) * 2 >= total else min(REACH_M, max(_TOWN_M, extent / 20))
        found = []
        for group in _groups(easting[at], northing[at]):
            local = [carried[i] for i in group if carried[i].local]
            sure = sum(mention.after_street for mention in local) > 1
            fewest = _FEWEST - 1 if sure or total <= _SMALL_ESTATE else _FEWEST
            if len(local) < max(fewest, _FAIR_SHARE * len(group)):
                continue
            here = np.array([mention.at for mention in local])
            x, y = easting[here], northing[here]
            off = np.hypot(x - np.median(x), y - np.median(y))
            one_spot = np.hypot(x - x[0], y - y[0]).max() < _APART_M
            if np.median(off) > reach or (one_spot and not sure):
                continue
            # Of places equally near the middle the first by position, so that the order of rows does not count.
            _, east, north = min(zip(off.round(1).tolist(), x.tolist(), y.tolist(), strict=True))
            files = tuple(sorted({str(registers[carried[i].at]) for i in group}))
            found.append(Town(_spelling(spelt[key]), east, north, len(group), files))
        if sum(town.count for town in found) >= _MOST * len(carried):
            out += found
    return sorted(out, key=lambda town: (-town.count, town.name, town.easting, town.northing))


@dataclass(frozen=True)
class _Mention:
    """A name in an address: of which place, whether it is the address's most local name, whether a street goes before it."""

    at: int
    local: bool
    after_street: bool


def _mentions(
    addresses: Sequence[str], easting: NDArray[np.float64], northing: NDArray[np.float64]
) -> tuple[dict[str, list[_Mention]], dict[str, Counter[str]]]:
    """Where each name is mentioned, by its key, and how it is spelt. Each address speaks once, wherever it is repeated."""
    named = [(i, names) for i, address in enumerate(addresses) if (names := _named(address))]
    often = Counter(_key(name) for _, names in named for name, _ in names)
    places: dict[str, list[int]] = defaultdict(list)
    for i, _ in named:
        places[_key(addresses[i])].append(i)
    mentions: dict[str, list[_Mention]] = defaultdict(list)
    spelt: dict[str, Counter[str]] = defaultdict(Counter)
    for i, names in named:
        same = places[_key(addresses[i])]
        parts = [(part, after_street) for name, after_street in names for part in _two(name, often)]
        bare = _key(" ".join(name for name, _ in names)) == _key(_without_county(addresses[i]))
        if not bare:
            if i != min(same, key=lambda j: (easting[j], northing[j])):
                continue
            if np.ptp(easting[same]) > _TOWN_M or np.ptp(northing[same]) > _TOWN_M:
                continue  # positions of something other than the address
        for n, (name, after_street) in enumerate(parts):
            key = _key(name)
            if key not in {_key(before) for before, _ in parts[:n]}:
                mentions[key].append(_Mention(i, n == 0, after_street))
                spelt[key][name] += 1
    return mentions, spelt


def _two(name: str, often: Mapping[str, int]) -> list[str]:
    """A name, or the two that are run together in it: "Charlton Kings Cheltenham" where Cheltenham is common."""
    words = name.split()
    for i in range(1, len(words)):
        first, second = " ".join(words[:i]), " ".join(words[i:])
        if often.get(_key(second), 0) >= 3 * often[_key(name)] and _may_be_town(first):
            return [first, second]
    return [name]


def _groups(x: NDArray[np.float64], y: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Indices of points that lie in cells of the grid next to one another."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, cell in enumerate(
        zip((x // _CELL_M).astype(int).tolist(), (y // _CELL_M).astype(int).tolist(), strict=True)
    ):
        cells[cell].append(i)
    groups, left = [], set(cells)
    for start in sorted(cells):
        if start not in left:
            continue
        left.discard(start)
        queue, members = [start], []
        while queue:
            column, row = queue.pop()
            members += cells[column, row]
            near = {(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & left
            left -= near
            queue += sorted(near)
        groups.append(np.array(sorted(members), dtype=np.intp))
    return groups


# ------------------------------------------------------------------------------------------------------- words


def _plain(word: str) -> str:
    return word.strip(".,'\u2019()").casefold()


def _has_street(segment: str) -> bool:
    return any(_plain(word) in _STREET or word[-1:].isdigit() or word[:1].isdigit() for word in segment.split())


def _without_county(segment: str) -> str:
    """A segment without the postcode, county and country at its end."""
    words = _POSTCODE.sub("", segment.strip(" .")).split()
    while words:
        for count in (4, 3, 2, 1):
            tail = " ".join(words[-count:]).strip(" .").casefold()
            if tail in _COUNTIES or (count == 1 and tail.endswith("shire") and "-" not in tail):
                words = words[: max(0, len(words) - count)]
                break
        else:
            break
    return " ".join(words)


def _may_be_town(name: str) -> bool:
    words = [_plain(word) for word in re.split(r"[ \-]", name)]
    if not 3 <= len(name) <= _LONGEST or len(words) > _MOST_WORDS or not _NAME.fullmatch(name):
        return False
    whole = [_plain(word) for word in name.split()]
    if whole[-1] in _ENDS or whole[0] in {"the", "at", "to", "of", "and", "c/o"} or not name[0].isupper():
        return False
    return not (set(words) & _NEVER or set(words) <= _MERE)


def _key(name: str) -> str:
    return _KEY.sub(" ", name.replace("'", "").replace("\u2019", "").casefold()).strip()


def _spelling(spelt: Iterable[str] | Counter[str]) -> str:
    """The commonest way to write a name that is neither all capitals nor all small, else the name with its capitals put right.

    Examples
    --------
    >>> _spelling(Counter({"ST. ANNES-ON-SEA": 3})), _spelling(Counter({"CHELTENHAM": 9, "Cheltenham": 1}))
    ('St. Annes-on-Sea', 'Cheltenham')
    """
    counts = Counter(spelt)
    mixed = {name: count for name, count in counts.items() if not name.isupper() and not name.islower()}
    best = min(mixed or counts, key=lambda name: (-counts[name], name))
    if mixed:
        return best
    parts = re.split(r"([ \-])", best.casefold())
    return "".join(part if i and part in _SMALL else part[:1].upper() + part[1:] for i, part in enumerate(parts))


__all__ = ["REACH_M", "Town", "names_in", "towns_of"]
