"""Which assets and parcels are one site, and the reason of each union.

Members are joined by what they share, the strongest reason first: a fact, a site reference, a title, a UPRN, a parcel, then land
that overlaps by half or more of the smaller in one ownership, and last a point that lies inside its owner's land. Each union leaves
one link between two members, so that the links of a site form a tree: between any two members there is exactly one chain.

A `not_same_as` fact beats every one of these. Where it stands between two groups the link that would join them is refused, so
of A-B and B-C with A kept from C the later in this order is refused: the weaker reason; of one reason the later name; of
overlaps the smaller share; of facts the older. The order of rows never decides.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from assetplan.holding import UNKNOWN, holding_of, is_estate, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from assetplan.holding import Known
    from assetplan.overrides import Override

HALF = 0.5  # of the smaller: the least overlap at which land of one owner is one site
KEYS = (("site_reference", "site reference"), ("title_no", "title"), ("uprn", "UPRN"))


@dataclass(frozen=True, slots=True)
class Link:
    """Why two members are one site. `reason` is told of the site as a whole, `detail` of these two, where it says more."""

    member: str
    other: str
    rule: str
    reason: str
    detail: str = ""
    source: str = ""


@dataclass(frozen=True, order=True, slots=True)
class Apart:
    """Two members that a fact keeps apart."""

    one: str
    other: str
    said: str
    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A link that a fact does not let hold."""

    apart: Apart
    link: Link


@dataclass(frozen=True, eq=False)
class Merged:
    """The groups of members that are one site each, by their smallest member, with the links and what was refused."""

    groups: tuple[tuple[str, ...], ...]
    links: tuple[tuple[Link, ...], ...]
    apart: tuple[Apart, ...]
    refused: tuple[Refusal, ...]


@dataclass(eq=False)
class _Forest:
    """Disjoint groups of members, with groups that may never become one; a link for each union."""

    parent: dict[str, str]
    size: dict[str, int] = field(default_factory=dict)
    enemies: dict[str, dict[str, Apart]] = field(default_factory=lambda: defaultdict(dict))
    links: list[Link] = field(default_factory=list)
    refused: dict[tuple[Apart, str], Link] = field(default_factory=dict)

    def find(self, node: str) -> str:
        root = node
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[node] != root:
            self.parent[node], node = root, self.parent[node]
        return root

    def keep_apart(self, apart: Apart) -> None:
        """Keep two members apart; to be said before anything is joined."""
        for one, other in ((apart.one, apart.other), (apart.other, apart.one)):
            self.enemies[one][other] = min(self.enemies[one].get(other, apart), apart)

    def join(self, link: Link) -> bool:
        """Make one group of two, unless a fact keeps any of their members apart; whether they are one now."""
        one, other = self.find(link.member), self.find(link.other)
        if one == other:
            return True
        if apart := self.enemies.get(one, {}).get(other):
            self.refused.setdefault((apart, link.reason), link)
            return False
        if self.size.get(one, 1) < self.size.get(other, 1):
            one, other = other, one
        self.parent[other] = one
        self.size[one] = self.size.get(one, 1) + self.size.get(other, 1)
        for enemy, apart in self.enemies.pop(other, {}).items():
            theirs = self.enemies[enemy]
            del theirs[other]
            theirs[one] = self.enemies[one][enemy] = min(self.enemies[one].get(enemy, apart), apart)
        self.links.append(link)
        return True

    def join_all(self, members: Sequence[str], rule: str, reason: str, details: Mapping[str, str]) -> None:
        """Join each member to the first group of those before it that a fact does not keep it from."""
        heads: list[str] = []
        for other in members:
            if not any(self.join(Link(head, other, rule, reason, details.get(other, ""))) for head in heads):
                heads.append(other)

    def groups(self) -> dict[str, list[str]]:
        """Members of each group in order, by the smallest, in order."""
        by_root: dict[str, list[str]] = defaultdict(list)
        for item in sorted(self.parent):
            by_root[self.find(item)].append(item)
        return {members[0]: members for members in by_root.values()}


def merge(known: Known, overrides: Sequence[Override]) -> Merged:
    """Groups of assets (``a:...``) and parcels (``p:...``) that are one site each, with the links between them.

    Parameters
    ----------
    known
        The tables of the estate.
    overrides
        `same_as` and `not_same_as` facts, the latest first.
    """
    forest = _Forest({node: node for node in members_of(known)})
    for apart in _kept_apart(overrides, forest.parent):
        forest.keep_apart(apart)
    _join_as_said(forest, overrides)
    for _, rule, key, members in _shared_keys(known, forest.parent):
        if rule == "parcel":
            details = {
                item: f"{item[2:]} stands on parcel {key}: {known.assets[item[2:]]['join_reason']}"
                for item in members
                if item != f"p:{key}"
            }
            forest.join_all([f"p:{key}", *sorted(details)], rule, f"stand on parcel {key}", details)
        else:
            forest.join_all(sorted(set(members)), rule, f"share {rule} {key}", {})
    _join_overlaps(known, forest)
    groups = forest.groups()
    first = {item: members[0] for members in groups.values() for item in members}
    links: dict[str, list[Link]] = defaultdict(list)
    for link in forest.links:
        links[first[link.member]].append(link)
    return Merged(
        tuple(tuple(members) for members in groups.values()),
        tuple(tuple(links[key]) for key in groups),
        tuple(_kept_apart(overrides, forest.parent)),
        tuple(
            Refusal(apart, link)
            for (apart, _), link in sorted(
                forest.refused.items(), key=lambda item: (item[0], item[1].member, item[1].other)
            )
        ),
    )


def members_of(known: Known) -> list[str]:
    """Members of any site: assets that are public estate, and parcels that one of them or a statement names."""
    assets = [key for key, row in known.assets.items() if is_estate(row["kind"], row["ownership"], row["operator"])]
    claimed = {parcel for asset in assets for parcel in known.assets[asset]["parcels"]} | known.named
    return [*(f"a:{asset}" for asset in assets), *(f"p:{parcel}" for parcel in known.land if parcel in claimed)]


# ------------------------------------------------------------------------------------------------------- facts


def _kept_apart(overrides: Sequence[Override], nodes: Mapping[str, str]) -> list[Apart]:
    return sorted(
        {
            Apart(min(a, b), max(a, b), override.said, override.source)
            for override in overrides
            if override.field == "not_same_as"
            for a in override.one
            for b in override.other
            if a in nodes and b in nodes
        }
    )


def _join_as_said(forest: _Forest, overrides: Sequence[Override]) -> None:
    """Join what facts say is one site, the latest fact first."""
    for override in overrides:
        one, other = ([item for item in side if item in forest.parent] for side in (override.one, override.other))
        if override.field != "same_as" or not one or not other:
            continue
        detail = f"{override.said} says {override.subject} is one site with {override.value}"
        pairs = [*((item, other[0]) for item in one), *((one[0], item) for item in other)]
        for a, b in dict.fromkeys((min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]):
            forest.join(Link(a, b, "fact", "a fact says they are one site", detail, override.source))


# ------------------------------------------------------------------------------------------------------- what they share


def _shared_keys(known: Known, nodes: Mapping[str, str]) -> Iterator[tuple[int, str, str, list[str]]]:
    """What two or more members share: rank, rule, key and members; in order of strength, then by key."""
    keys: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    for node in nodes:
        if node.startswith("p:"):
            if title := known.land[node[2:]]["title_no"]:
                keys[1, "title", str(title)].append(node)
            continue
        row = known.assets[node[2:]]
        for rank, (name, rule) in enumerate(KEYS):
            if row[name]:
                key = f"{row['organisation']} {row[name]}" if name == "site_reference" else str(row[name])
                keys[rank, rule, key].append(node)
        for parcel in row["parcels"]:
            keys[3, "parcel", parcel].append(node)
    for (rank, rule, key), members in sorted(keys.items()):
        if len(members) > 1 or rule == "parcel":
            yield rank, rule, key, members


# ------------------------------------------------------------------------------------------------------- where they lie


@dataclass(frozen=True, eq=False)
class _Ground:
    """A group with a known owner and a place: polygon or point."""

    key: str
    owner: str
    shape: Any
    precision: str
    member: str  # the first of the group that has a shape of that kind


def _ground(known: Known, members: Sequence[str]) -> _Ground | None:
    owner = holding_of(known, members).owner
    if owner == UNKNOWN:
        return None
    shape, precision = shape_of(known, members)
    if precision not in {"polygon", "point"}:
        return None

    def has_it(item: str) -> bool:
        if item.startswith("p:"):
            return precision == "polygon" and known.land[item[2:]]["geometry"] is not None
        return known.assets[item[2:]]["location_precision"] == precision

    return _Ground(members[0], owner, shape, precision, next(item for item in members if has_it(item)))


def _join_overlaps(known: Known, forest: _Forest) -> None:
    """Join land of one owner that overlaps by half or more of the smaller until none is left, then points inside that land.

    A group is looked at again only when it has grown.
    """
    seen: dict[tuple[str, int], _Ground | None] = {}
    while True:
        groups = {(key, len(members)): members for key, members in forest.groups().items()}
        fresh = {group for group in groups if group not in seen}
        seen = {group: seen[group] if group in seen else _ground(known, groups[group]) for group in groups}
        found = [(group, ground) for group, ground in seen.items() if ground is not None]
        drawn = [(group in fresh, ground) for group, ground in found if ground.precision == "polygon"]
        before = len(forest.links)
        for link in _overlapping([ground for _, ground in drawn], np.array([new for new, _ in drawn], dtype=bool)):
            forest.join(link)
        if len(forest.links) == before:
            break
    points = [ground for _, ground in found if ground.precision == "point"]
    for link in _inside(points, [ground for _, ground in drawn]):
        forest.join(link)


def _overlapping(drawn: Sequence[_Ground], fresh: NDArray[np.bool_]) -> list[Link]:
    """Links between groups of one owner of which the smaller lies by half or more in the larger, the greatest share first."""
    if len(drawn) < 2 or not fresh.any():
        return []
    shapes = np.array([ground.shape for ground in drawn], dtype=object)
    owners = np.array([ground.owner for ground in drawn], dtype=object)
    at = np.flatnonzero(fresh)
    left, right = shapely.STRtree(shapes).query(shapes[at], predicate="intersects")
    left = at[left]
    left, right = np.minimum(left, right), np.maximum(left, right)
    keep = (left != right) & (owners[left] == owners[right])
    pairs = np.unique(np.column_stack([left[keep], right[keep]]), axis=0)
    if not len(pairs):
        return []
    one, other = shapes[pairs[:, 0]], shapes[pairs[:, 1]]
    shared = shapely.area(shapely.intersection(one, other))
    smaller = np.minimum(shapely.area(one), shapely.area(other))
    share = np.round(np.divide(shared, smaller, out=np.zeros(len(pairs)), where=smaller > 0), 9)
    wanted = np.flatnonzero((share >= HALF) & (shared > 0))
    return [
        Link(
            drawn[i].member,
            drawn[j].member,
            "overlap",
            "overlap by half or more of the smaller",
            f"{min(share[n], 1):.0%} of the smaller of their land lies in the larger",
        )
        for n in sorted(wanted.tolist(), key=lambda n: (-share[n], n))
        for i, j in [pairs[n]]
    ]


def _inside(points: Sequence[_Ground], drawn: Sequence[_Ground]) -> list[Link]:
    """Links between points and the smallest land of their owner in which they lie, off its edge."""
    if not points or not drawn:
        return []
    land = np.array([ground.shape for ground in drawn], dtype=object)
    places = np.array([ground.shape for ground in points], dtype=object)
    area = shapely.area(land)
    best: dict[int, int] = {}
    for i, j in shapely.STRtree(land).query(places, predicate="within").T.tolist():
        if points[i].owner == drawn[j].owner and (i not in best or (area[j], j) < (area[best[i]], best[i])):
            best[i] = j
    return [
        Link(
            points[i].member,
            drawn[j].member,
            "overlap",
            "stand inside land of their owner",
            f"{points[i].member[2:]} stands inside the land",
        )
        for i, j in sorted(best.items())
    ]
