"""What a column is, and the words that columns of choices are written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "text",
    "id",
    "uprn",
    "postcode",
    "number",
    "date",
    "yes-no",
    "choice",
    "list",
    "crs",
    "pair",
    "coordinate",
    "geometry",
    "year",
    "range",
    "signed range",
]


@dataclass(frozen=True)
class Column:
    """One column of one table.

    `headings` are headings of published registers that mean this column, compared as `assetplan.text.heading` writes them, the most
    specific first. `parts` are headings whose figures add up to this column where no heading gives the total. `fact` says
    that a row of facts.csv may give or correct the value; `many` that several rows of facts.csv may stand side by side.
    """

    table: str
    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    vocabulary: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    required: bool = False
    fact: bool = False
    many: bool = False


STATUSES = ("operational", "under review", "surplus", "vacant", "disposed")
TENURES = ("freehold", "leasehold", "licence", "other")
OWNERSHIPS = ("public", "private", "unknown")
OPERATORS = ("public", "other")
REGISTER_KINDS = ("ownership", "planning", "service list")
SECTORS = (
    "county",
    "district",
    "unitary",
    "parish",
    "nhs",
    "police",
    "fire",
    "ambulance",
    "school",
    "central",
    "other",
)
# Two of these in one file mark a register of land with or for planning permission, whoever owns it (Brownfield Land Registers).
PLANNING_HEADINGS = (
    "ownership status", "planning status", "permission type", "permission date", "proposed for pip", "min net dwellings",
    "net dwellings range from", "net dwellings range to", "hazardous substances", "deliverable", "planning reference",
)  # fmt: skip
COMMITMENTS = ("committed", "pending", "none")
INTERESTS = (
    "freehold", "long lease", "lease", "sublease", "licence", "tenancy at will", "MOTO", "trust", "PFI", "option", "other",
)  # fmt: skip
CONSTRAINT_KINDS = ("covenant", "consent", "designation", "lock", "access limit")
DESIGNATIONS = (
    "development limits",
    "flood zone",
    "conservation area",
    "scheduled monument",
    "open space",
    "trees",
    "other",
)
STATES = ("yes", "no", "arguable", "unknown")
ROAD_KINDS = ("road", "rail", "river", "bridge", "level crossing", "path")
BETWEEN = ("road", "bridge", "level crossing", "rail", "water", "path", "other land")
PRECISIONS = ("polygon", "point", "postcode", "none")
RELATIONS = ("overlapping", "touching", "opposite", "near")
OVERRIDES = ("same_as", "not_same_as")
FOUND_BY = ("title_no", "uprn", "site_reference")  # what an override may name instead of an identifier
LINK_RULES = ("fact", "site reference", "title", "UPRN", "parcel", "overlap")
MEMBER_KINDS = ("asset", "parcel")
SUBJECT_KINDS = ("asset", "parcel", "site", "organisation", "estate")
SPACES = ("office", "public", "meeting", "clinical", "storage", "garage", "secure", "residential", "teaching", "yard")
PLACES_FOR = ("desks", "counters", "vehicle bays", "parking spaces")  # counted, where the spaces are measured in m2
HOURS = ("office", "evening", "weekend", "night")
ROOM = ("room now", "room after works", "not known", "too little now", "too little")  # best first
AREA_BASES = ("NIA", "GIA")
SECURITIES = ("open", "staff only", "secure")
VETTINGS = ("none", "records check", "police vetting")
CONDITIONS = ("A", "B", "C", "D")
RESPONSES = ("fire", "ambulance", "police")
CREW_KINDS = ("on station", "on call")
CREW_HOURS = ("day", "night")
EFFECTS = ("affinity", "conflict")
AREA_KINDS = ("ward", "parish", "district", "LSOA", "MSOA", "cluster", "locality", "other")
INSTRUMENTS = ("licence", "contracted-out lease", "protected lease", "tenancy at will")
DISPOSALS = ("sale", "ground lease", "joint venture", "transfer", "swap")
AGREEMENTS = ("collaboration agreement", "joint venture", "option", "pooling of land", "transfer to one body")
ROUTES = (
    "deed of release", "tribunal (section 84)", "insurance", "appropriation and section 203", "consent", "search or advice", "works",
)  # fmt: skip
ENDINGS = ("surrender", "break", "expiry")
FUNDING_KINDS = ("grant", "reserve", "capital receipts", "revenue", "developer contribution", "contribution")
PAYS_FOR = ("capital", "revenue")
CONTRIBUTIONS = ("equality money", "rent", "overage", "capital contribution", "section 75 pool")
BENEFIT_CLASSES = ("cashable", "avoided", "non-cash", "public")
PLAN_KINDS = ("plan", "funding", "commitment", "previous scheme")
PLAN_STATES = ("idea", "bid", "approved", "committed", "spent", "done", "withdrawn")
