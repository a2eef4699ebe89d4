"""Every column of every table, once: its name, type, unit, vocabulary, meaning, and the headings it is known by.

Reading, checking, exporting and ``assetplan columns`` all read this table; nothing else describes a column.
"""

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

_ASSETS = (
    Column("assets", "asset_id", "id", "organisation and register reference, or a hash of the row's cells"),
    Column(
        "assets", "organisation", "id", "organisation whose register lists the asset",
        headings=("owner", "owned by", "owner name", "owner organisation", "owning organisation", "owning authority", "owning body",
                  "property owner", "asset owner", "land owner", "landowner", "freeholder", "freehold owner", "holder", "held by",
                  "holding organisation", "perchennog",
                  "organisation", "organisation name", "local authority", "council", "authority",
                  "organisationlabel", "frs fullname", "frs name", "frs", "fire authority", "fire service", "fire and rescue service",
                  "force", "force name", "police force", "force id", "organisationname", "parent organisation",
                  "publisher", "publisher label", "publisher name", "local authority name", "awdurdod lleol",
                  "authority name", "council name", "public authority", "public body", "name of public body", "holding body",
                  "department", "trust name", "nhs trust", "provider name", "org", "org label", "org name", "organisation uri", "organisation url"),
    ),
    Column(
        "assets", "body", "text", "body within the organisation that owns or decides",
        headings=("trust name", "organisation name", "body", "owning body", "trust", "provider name", "directorate", "owning department"),
    ),
    Column("assets", "register", "text", "file the row was read from"),
    Column("assets", "row", "number", "line of that file, counted from 1"),
    Column("assets", "kind", "choice", "kind of register", vocabulary=REGISTER_KINDS),
    Column(
        "assets", "reference", "text", "reference of the asset in its register",
        headings=("unique asset identity", "unique asset identity uai", "unique asset id", "asset reference", "asset ref",
                  "asset id", "asset code", "assetcode", "asset number", "uai", "property reference", "property ref",
                  "property id", "reference", "ref", "site code", "siteref", "site ref", "sitereference", "urn",
                  "organisation code", "station number", "premises ref", "practice code", "site ref",
                  "unique reference number", "property number", "estate code", "ods code",
                  "organisation data service code", "cqc id", "property code", "premises reference", "premises code", "building reference",
                  "building code", "building id", "asset no", "location id", "location code", "site number",
                  "epims ref", "epims property ref", "epims reference", "insite reference", "land reference", "terrier reference",
                  "terrier number", "plan reference", "garage reference", "car park reference", "library code", "school code",
                  "establishment number", "dfe number", "facility id", "unique id", "unique identifier", "identifier", "code",
                  "cyfeirnod", "station id", "premises id", "practice id", "asset unique id", "primary reference", "id"),
    ),
    Column(
        "assets", "name", "text", "name of the building or land", fact=True,
        headings=("name of the building land or both", "asset name", "property name", "propertyname", "premises name",
                  "site name", "building name", "establishmentname", "station name", "library name", "station", "name", "property",
                  "premises", "practice name", "distinctive name", "distname", "pharmacy name", "surgery name", "hospital name",
                  "school name", "centre name", "facility name", "depot name", "car park name", "park name",
                  "asset description", "property description", "site", "sitenameaddress", "site name address",
                  "name of building or land", "name of asset", "name of property", "name of building", "name of site", "building",
                  "building or land name", "land name", "name of land", "location name", "police station", "fire station",
                  "library", "school", "establishment", "hospital", "surgery", "practice", "garage site", "home name", "care home name",
                  "care home", "clinic name", "health centre", "health centre name", "car park", "park", "open space name",
                  "playground", "allotment site", "cemetery", "toilet", "leisure centre", "community centre", "enw", "enw r eiddo",
                  "asset", "description", "title"),
    ),
    Column(
        "assets", "address", "text", "postal address as the register gives it", fact=True,
        headings=("full address", "postal address", "site address", "address", "property address", "asset address",
                  "station address", "location address", "premises address", "building address", "address full", "cyfeiriad",
                  "location", "location description", "site location", "lleoliad"),
        parts=("building name or number", "house name", "house number", "paon", "saon", "street number", "street numbers", "street no",
               "street", "street name", "streetname", "road", "address line", "address 1", "address line 1", "add 1",
               "address 2", "address line 2", "add 2", "address 3", "address line 3", "add 3", "address 4", "address line 4", "add 4",
               "address 5", "address line 5", "locality", "village", "post town", "posttown", "postal town", "town", "town city", "city",
               "town or city", "tref"),
    ),
    Column(
        "assets", "postcode", "postcode", "postcode", fact=True,
        headings=("postcode", "post code", "station postcode", "postal code", "p code", "pc", "cod post", "zip", "zip code"),
    ),
    Column(
        "assets", "uprn", "uprn", "Unique Property Reference Number, text without leading zeros", fact=True,
        headings=("uprn", "unique property reference number", "unique property reference number uprn", "unique property reference",
                  "unique property ref", "nlpg uprn", "llpg uprn", "uprn number", "os uprn", "gazetteer uprn"),
    ),
    Column(
        "assets", "title_no", "text", "title number at HM Land Registry", fact=True,
        headings=("title number", "title no", "titleno", "land registry title", "land registry title number", "land registry title no",
                  "lr title", "lr title number", "lr title no", "hmlr title", "hmlr title number", "registered title", "title numbers",
                  "land registry number", "land registry reference", "land registry", "title"),
    ),
    Column("assets", "parcel_id", "text", "parcel of land.geojson the asset is said to stand on", fact=True,
           headings=("parcel id", "parcelid", "parcel")),
    Column("assets", "site_reference", "text", "reference the register gives to the whole site", fact=True,
           headings=("site reference", "estate reference", "campus reference", "site id", "siteid", "estate ref", "campus", "campus ref")),
    Column(
        "assets", "easting", "coordinate", "easting of the National Grid in metres, or a longitude where the values say so",
        headings=("easting", "eastings", "station easting", "x", "x coordinate", "geox", "geo x", "oseasting", "os easting",
                  "map reference easting", "grid reference easting", "bng easting", "bng x", "x bng", "easting x", "x easting", "os x",
                  "ose", "osgb easting", "grid x", "eastng", "geometry x", "point x", "centroid x", "x co ordinate", "x coord",
                  "dwyreiniad", "dwyreiniaeth", "longitude", "long", "lng", "lon", "longitude x", "geo longitude", "hydred"),
    ),
    Column(
        "assets", "northing", "coordinate", "northing of the National Grid in metres, or a latitude where the values say so",
        headings=("northing", "northings", "station northing", "y", "y coordinate", "geoy", "geo y", "osnorthing",
                  "os northing", "map reference northing", "grid reference northing", "bng northing", "bng y", "y bng", "northing y",
                  "y northing", "os y", "osn", "osgb northing", "grid y", "geometry y", "point y", "centroid y", "y co ordinate",
                  "y coord", "gogleddiad", "gogleddiaeth", "latitude", "lat", "latitude y", "geo latitude", "lledred"),
    ),
    Column(
        "assets", "coordinates", "pair", "easting and northing, or latitude and longitude, in one cell",
        headings=("site co ordinates geocode", "site co ordinates", "site coordinates", "co ordinates", "coordinates",
                  "easting northing", "eastings northings", "easting and northing", "grid coordinates", "geocode", "map reference", "map ref",
                  "grid reference", "grid ref", "os grid reference", "os grid ref", "ngr", "national grid reference", "x y", "xy", "lat long",
                  "lat lon", "lat lng", "latitude longitude", "latlng", "latlong", "geo point", "geo point 2d", "geopoint", "geolocation",
                  "gps", "gps coordinates", "gps location", "osgr", "os reference", "location coordinates", "cyfeirnod grid", "location"),
    ),
    Column(
        "assets", "crs", "crs", "what the register says the coordinates of the row are in",
        headings=("coordinatereferencesystem", "coordinate reference system", "crs", "srid", "epsg", "epsg code", "projection",
                  "coordinate system", "datum"),
    ),
    Column("assets", "wkt", "geometry", "shape as well-known text, GeoJSON or well-known binary",
           headings=("wkt", "geometry", "geom", "the geom", "geojson", "geo json", "ewkt", "wkb", "ewkb", "geom wkt", "geojson geometry",
                     "well known text", "well known text geometry", "wkt geometry", "shape wkt", "polygon", "boundary", "point")),
    Column(
        "assets", "use", "text", "use or type of the asset", fact=True,
        headings=("use", "current use", "use type", "usage", "function", "holding type", "holdingtype", "asset type",
                  "property type", "type", "category", "asset category", "purpose", "services offered", "site type",
                  "typeofestablishment", "classification", "facility type", "building type", "type of library",
                  "library type", "establishment type", "establishment type group", "type of establishment", "primary use",
                  "main use", "actual use", "existing use", "present use", "property use", "asset use", "use of asset", "land use",
                  "use class", "use description", "building use", "asset class", "asset classification", "property category", "asset group",
                  "asset sub type", "property sub type", "car park type", "garage type", "care type", "service type", "type of property",
                  "type of asset", "type of premises", "type of service", "services provided", "usage type", "reason for holding",
                  "epims usage", "cipfa category", "cipfa classification", "description of use", "defnydd", "math", "building theme", "holding"),
    ),
    Column(
        "assets", "status", "choice", "status by decision of the holder", vocabulary=STATUSES, fact=True,
        headings=("status", "asset status", "property status", "operational status", "current status",
                  "establishment status", "occupancy status", "occupation status", "status of asset", "building status", "site status",
                  "library status", "school status", "station status", "disposal status", "open closed", "status code", "statws",
                  "organisation status", "practice status"),
    ),
    Column("assets", "decided_by", "text", "who decided the status, and when", fact=True,
           headings=("status decided by", "decided by", "decision", "status decision", "decision date", "decision reference",
                     "cabinet decision")),
    Column(
        "assets", "tenure", "choice", "interest under which the lister holds the asset", vocabulary=TENURES, fact=True,
        headings=("tenure", "tenure type", "tenuretype", "asset ownership", "interest", "legal interest", "ownership type",
                  "property tenure", "asset tenure", "site tenure", "type of tenure", "tenure status", "interest held", "type of interest",
                  "freehold leasehold", "freehold or leasehold", "freehold leasehold other", "fh lh", "owned or leased", "owned leased",
                  "basis of occupation", "deiliadaeth", "holding", "ownership"),
    ),
    Column("assets", "tenure_detail", "text", "how the asset is occupied, in the register's words",
           headings=("tenure detail", "tenuredetail", "occupation", "tenure details", "tenure sub type", "tenure description",
                     "tenure notes")),
    Column(
        "assets", "ownership", "choice", "whether the land is publicly owned", vocabulary=OWNERSHIPS, fact=True,
        headings=("ownershipstatus", "ownership status", "ownership information", "ownership", "land ownership", "public ownership",
                  "publicly owned", "public private", "public or private", "perchnogaeth"),
    ),
    Column(
        "assets", "gia_m2", "number", "gross internal area", "m2", fact=True,
        headings=("gross internal floor area m2", "gross internal floor area", "gross internal area m2",
                  "gross internal area", "gia m2", "gia sqm", "gia sq m", "gia", "floor area gia m2", "internal area m2",
                  "gross floor area", "gross internal", "total gross internal area", "total floor area gia", "floor area gia", "gifa",
                  "gross area", "building gia"),
    ),
    Column("assets", "nia_m2", "number", "net internal area", "m2", fact=True,
           headings=("net internal area m2", "net internal area", "nia m2", "nia sqm", "nia", "net floor area", "net lettable area",
                     "net usable area", "floor area nia")),
    Column(
        "assets", "site_area_ha", "number", "site area as the register states it", "ha", fact=True,
        headings=("site area ha", "site area hectares", "land area owned hectares", "area ha", "hectares", "site area",
                  "land area", "size ha", "area hectares", "hectarage", "acreage", "acres", "plot area", "plot size", "land size", "site size",
                  "area in hectares", "total site area", "area of land", "area acres", "area of site", "park area", "extent"),
    ),
    Column("assets", "empty_percent", "number", "share of the floor area that is empty, in a hundred", "percent", fact=True,
           headings=("floor area empty", "empty floor area", "floor area vacant", "vacant floor area", "percent empty", "percent vacant",
                     "empty percent", "vacant percent", "empty %", "vacant %", "% empty", "% vacant", "vacancy rate", "void rate")),
    Column("assets", "utilisation_percent", "number", "how much of the space is used, in a hundred, as its register measures it", "percent",
           fact=True,
           headings=("utilisation", "utilisation rate", "space utilisation", "percent utilised", "utilisation percent", "% utilised", "utilisation %",
                     "occupancy rate", "occupancy percent", "occupancy %")),
    Column("assets", "fte", "number", "staff based there, full-time equivalent", "FTE", fact=True,
           headings=("staff fte", "fte", "fte based", "full time equivalent staff", "headcount fte", "staff based fte", "fte staff",
                     "number of fte", "ftes", "full time equivalents")),
    Column(
        "assets", "running_cost_gbp_pa", "number", "premises running cost a year", "GBP a year", fact=True,
        headings=("running cost gbp pa", "total building operation revenue costs", "total building operation",
                  "annual running cost gbp", "annual running cost", "running costs gbp pa", "running cost pa",
                  "running costs gbp", "running cost gbp", "running costs", "running cost", "premises cost gbp pa",
                  "premises cost", "premises cost gbp", "cost pa", "cost gbp pa", "running cost gbp a year",
                  "building operation costs gbp", "premises cost gbp a year", "total building operation costs", "total operating cost",
                  "property running costs", "annual revenue cost", "revenue cost", "annual premises costs", "operating cost",
                  "annual operating costs", "total running cost", "occupancy cost", "total occupancy cost"),
        parts=("estates and property maintenance gbp", "energy costs all energy supplies gbp", "energy cost gbp",
               "energy costs gbp", "cleaning service cost gbp", "water services cost gbp", "water cost gbp"),
    ),
    Column(
        "assets", "backlog_gbp", "number", "maintenance backlog", "GBP", fact=True,
        headings=("required maintenance", "required maintenance gbp", "backlog gbp", "backlog", "maintenance backlog gbp",
                  "backlog maintenance gbp", "backlog maintenance", "maintenance backlog", "required maintenance cost", "condition backlog",
                  "outstanding maintenance", "repair backlog", "backlog repairs", "maintenance required", "backlog cost",
                  "backlog maintenance cost", "maintenance requirement", "total backlog"),
        parts=("cost to eradicate high risk backlog gbp", "cost to eradicate significant risk backlog gbp",
               "cost to eradicate moderate risk backlog gbp", "cost to eradicate low risk backlog gbp"),
    ),
    Column("assets", "opened", "date", "day the service or building opened; the first of the month or year where no more is said",
           headings=("opened", "open date", "opening date", "date opened", "year opened", "opendate", "date of opening", "start date",
                     "opened on")),
    Column("assets", "closed", "date", "day the service or building closed; the first of the month or year where no more is said",
           headings=("closed", "close date", "closing date", "date closed", "year closed", "closedate", "closure date",
                     "date of closure", "end date", "closed on", "year of closure")),
    Column("assets", "lease_expiry", "date", "end of the lease under which the lister holds the asset",
           headings=("lease expiry", "lease expiry date", "lease end", "lease end date", "expiry date of lease", "lease expires",
                     "lease termination date", "end of lease", "term end")),
    Column("assets", "operator", "choice", "whether a public body runs what a service list names there", vocabulary=OPERATORS),
    Column("assets", "status_as_given", "text", "status in the register's own words, where they say more"),
    Column("assets", "tenure_as_given", "text", "tenure in the register's own words, where they say more"),
    Column("assets", "ownership_as_given", "text", "ownership in the register's own words, where they say more and name nobody"),
    Column("assets", "holder_status", "choice", "whether the title is still to be confirmed",
           vocabulary=("confirmed", "to confirm"), fact=True),
    Column("assets", "homes", "number", "homes the site could take, as somebody has counted", fact=True),
    Column("assets", "net_developable_ha", "number", "land that could be built on, as somebody has judged it", "ha", fact=True),
    Column("assets", "abnormals_gbp", "number", "cost of clearing, ground and services before anything is built", "GBP", fact=True),
    Column("assets", "as_it_stands_gbp", "number", "what it would sell for as it stands, as somebody has judged it", "GBP", fact=True),
    Column("assets", "access", "text", "how the site is reached, and what is wrong with it", fact=True),
    Column("assets", "opening_hours", "text", "hours open to the public", fact=True),
    Column("assets", "note", "text", "a statement in words", fact=True, many=True),
    Column("assets", "same_as", "id", "an asset, parcel, title, UPRN or site reference that belongs to the same site", fact=True, many=True),
    Column("assets", "not_same_as", "id", "an asset, parcel, title, UPRN or site reference that belongs to another site",
           fact=True, many=True),
    Column("assets", "shown", "list", "cells of columns that nobody recognised and estate.toml asks to show, with their headings"),
    Column("assets", "location_precision", "choice", "what the location rests on", vocabulary=PRECISIONS),
    Column("assets", "placed_by", "text", "how the row came to its place, or why it has none"),
    Column("assets", "join_reason", "text", "how the asset was joined to its parcel"),
    Column("assets", "parcels", "list", "parcels of land.geojson the asset was joined to"),
    Column("assets", "illustrative", "yes-no", "whether the register is illustrative"),
)  # fmt: skip

_LICENCE_MEANING = (
    "licence of the shape, by a name known here or declared in estate.toml (none: the layer's, or none stated)"
)
_AUDIENCE_MEANING = "readers who may know the row, parted by ;  (no column: public; blank: nobody but the keeper)"

_TABLES = (
    Column("land", "parcel_id", "id", "identifier of the parcel", required=True),
    Column("land", "title_no", "text", "title number"),
    Column("land", "uprn", "uprn", "Unique Property Reference Number"),
    Column("land", "name", "text", "name of the parcel"),
    Column("land", "source", "text", "where the shape comes from"),
    Column("land", "precision", "text", "how the shape was made"),
    Column("land", "geometry_licence", "text", _LICENCE_MEANING),
    Column("land", "illustrative", "yes-no", "whether the shape is illustrative"),
    Column("facts", "fact_id", "id", "identifier of the statement"),
    Column("facts", "subject_kind", "choice", "what the statement is about", vocabulary=SUBJECT_KINDS, required=True),
    Column("facts", "subject", "id",
           "asset, parcel or organisation; for a site one of its assets or parcels; of same_as and not_same_as also a title, UPRN or "
           "site reference"),
    Column("facts", "field", "id", "column of the assets table", required=True),
    Column("facts", "value", "text", "the value, typed by that column"),
    Column("facts", "source", "text", "who says so"),
    Column("facts", "as_of", "date", "date the statement speaks of"),
    Column("facts", "known_since", "date", "date from which it was known"),
    Column("facts", "illustrative", "yes-no", "whether the value is invented for the example"),
    Column("interests", "interest_id", "id", "identifier of the interest"),
    Column("interests", "subject", "id", "asset or parcel", required=True),
    Column("interests", "holder", "text", "organisation identifier, or the holder's name", required=True),
    Column("interests", "interest", "choice", "kind of interest", vocabulary=INTERESTS, required=True),
    Column("interests", "start", "date", "start of the term"),
    Column("interests", "expiry", "date", "end of the term"),
    Column("interests", "break_date", "date", "next break"),
    Column("interests", "notice_months", "number", "notice to break", "months"),
    Column("interests", "rent_gbp_pa", "number", "rent a year", "GBP a year"),
    Column("interests", "clauses", "text", "sharing, repairing and alienation clauses"),
    Column("interests", "decided_by", "text", "who decides"),
    Column("interests", "source", "text", "who says so"),
    Column("interests", "as_of", "date", "date the statement speaks of"),
    Column("interests", "illustrative", "yes-no", "whether the row is invented for the example"),
    Column("constraints", "constraint_id", "id", "identifier of the constraint", required=True),
    Column("constraints", "kind", "choice", "kind of constraint", vocabulary=CONSTRAINT_KINDS, required=True),
    Column("constraints", "name", "text", "name of the constraint"),
    Column("constraints", "designation", "choice", "which designation, for that kind", vocabulary=DESIGNATIONS),
    Column("constraints", "state", "choice", "whether it applies", vocabulary=STATES, required=True),
    Column("constraints", "subject", "id", "asset or parcel; blank where the shape decides"),
    Column("constraints", "permitted_uses", "list", "uses a covenant permits, parted by ;"),
    Column("constraints", "detail", "text", "what it says"),
    Column("constraints", "source", "text", "who says so"),
    Column("constraints", "as_of", "date", "date the statement speaks of"),
    Column("constraints", "geometry_licence", "text", _LICENCE_MEANING),
    Column("constraints", "illustrative", "yes-no", "whether the row is invented for the example"),
    Column("places", "name", "text", "name of the place", required=True),
    Column("places", "kind", "text", "town, village, river or landmark"),
    Column("places", "source", "text", "who says so"),
    Column("places", "geometry_licence", "text", _LICENCE_MEANING),
    Column("places", "illustrative", "yes-no", "whether the position is illustrative"),
    Column("roads", "name", "text", "name of the road, railway or river"),
    Column("roads", "kind", "choice", "what the line is; only a road makes sites opposite", vocabulary=ROAD_KINDS, required=True),
    Column("roads", "class", "text", "class of the road"),
    Column("roads", "source", "text", "who says so"),
    Column("roads", "geometry_licence", "text", _LICENCE_MEANING),
    Column("roads", "illustrative", "yes-no", "whether the line is illustrative"),
    Column("postcodes", "postcode", "postcode", "postcode", required=True,
           headings=("pcds", "pcd7", "pcd8", "pcd", "postcode", "post code", "postcode 1")),
    Column("postcodes", "easting", "number", "easting of the centroid, or its longitude", "m",
           headings=("easting", "eastings", "oseast1m", "long", "longitude", "lon", "x")),
    Column("postcodes", "northing", "number", "northing of the centroid, or its latitude", "m",
           headings=("northing", "northings", "osnrth1m", "lat", "latitude", "y")),
    Column("postcodes", "source", "text", "who says so"),
)  # fmt: skip

_RESULTS = (
    Column("withheld", "file", "text", "file that holds what is kept back"),
    Column("withheld", "row", "text", "line of a register, identifier or count of a table's row; blank for the whole file"),
    Column("withheld", "column", "text", "heading or column"),
    Column("withheld", "what", "choice", "what is kept back",
           vocabulary=("personal data", "sensitive type", "unrecognised column", "outline under licence")),
    Column("withheld", "why", "text", "why, and from whom"),
    Column("withheld", "released_by", "text", "what in estate.toml or the file would release it"),
    Column("sites", "site_id", "id", "organisation and site reference, title, parcel or smallest asset reference"),
    Column("sites", "organisation", "id", "freeholder, or unknown"),
    Column("sites", "freeholder", "text", "freeholder where it is not an organisation of the estate"),
    Column("sites", "claimants", "list", "organisations that claim the site, where more than one does"),
    Column("sites", "occupiers", "list", "organisations and others that list or hold something there"),
    Column("sites", "name", "text", "name of the site"),
    Column("sites", "body", "text", "body within the organisation that owns or decides"),
    Column("sites", "use", "text", "uses of its assets"),
    Column("sites", "status", "choice", "status of its assets, the most settled use first", vocabulary=STATUSES),
    Column("sites", "decided_by", "text", "who decided the status"),
    Column("sites", "holder_status", "choice", "whether the title is to be confirmed", vocabulary=("confirmed", "to confirm")),
    Column("sites", "ownership", "choice", "whether the land is publicly owned", vocabulary=OWNERSHIPS),
    Column("sites", "developable", "yes-no", "no where a lock applies"),
    Column("sites", "easting", "number", "easting of a point inside the site", "m"),
    Column("sites", "northing", "number", "northing of a point inside the site", "m"),
    Column("sites", "area_ha", "number", "area of the site's polygon; null where there is none", "ha"),
    Column("sites", "precision", "choice", "what the location rests on", vocabulary=PRECISIONS),
    Column("sites", "assets", "list", "assets that stand on the site"),
    Column("sites", "parcels", "list", "parcels the site is made of"),
    Column("sites", "titles", "list", "title numbers"),
    Column("sites", "constraints", "list", "constraints that name the site or reach it"),
    Column("sites", "shown", "list", "what estate.toml asks to show of its assets' unrecognised columns, with their headings"),
    Column("sites", "reason", "text", "why these assets and parcels are one site"),
    Column("sites", "illustrative", "yes-no", "whether shape or register is illustrative"),
    Column("relations", "site_a", "id", "the one of the two sites whose identifier sorts first"),
    Column("relations", "site_b", "id", "the other site"),
    Column("relations", "relation", "choice", "how the two lie, the first that holds", vocabulary=RELATIONS),
    Column("relations", "basis", "choice", "polygon, or point where either site is a point", vocabulary=("polygon", "point")),
    Column("relations", "gap_m", "number", "shortest distance", "m"),
    Column("relations", "shared_boundary_m", "number", "mean length of either boundary within 0.05 m of the other", "m"),
    Column("relations", "between", "list", "what their shortest link crosses: empty where they touch or overlap, null where no lines are given",
           vocabulary=BETWEEN),
    Column("relations", "across", "list", "names of the lines it crosses; null where no lines are given"),
    Column("frontage", "site_id", "id", "the site"),
    Column("frontage", "frontage_m", "number", "length of the centrelines of roads that the site faces, with what runs inside it; 0 where it "
           "is landlocked or only meets the end or bend of a road, null where that is not known", "m"),
    Column("frontage", "roads", "list", "names of the roads it faces, the longest faced first; null where that is not known"),
    Column("frontage", "nearest_road", "text", "name of the nearest road given; null where none is given within 500 m"),
    Column("frontage", "road_gap_m", "number", "distance to that road", "m"),
    Column("frontage", "landlocked", "yes-no", "yes where the site faces none of the roads given; null where that is not known: no outline, no "
           "road within 500 m, or one 20 to 40 m off with nothing known to lie between"),
    Column("frontage", "reached_over", "list", "sites that touch a landlocked site and face a road: over their land it could be reached"),
    Column("components", "component", "number", "number of the group of sites that hang together by any relation but opposite, the largest first"),
    Column("components", "sites", "list", "its sites, two or more"),
    Column("components", "organisations", "list", "known owners of those sites"),
    Column("components", "owners", "number", "how many known owners would have to agree to do something with all of it"),
    Column("components", "owner_mix", "text", "how many of its sites each body owns, the most first and those of unknown owner last"),
    Column("components", "area_ha", "number", "area of all its sites together; null where one of them has none", "ha"),
    Column("components", "sites_with_area", "number", "how many of its sites have an area"),
    Column("components", "articulation_sites", "list", "sites each of which is needed to hold the group together: without it the rest falls apart"),
    Column("components", "bridges", "list", "pairs of sites each of which is the only link between two parts: were it lost, the group falls apart"),
    Column("connections", "site_id", "id", "the site"),
    Column("connections", "component", "number", "component it is in; null where it connects to no other site"),
    Column("connections", "articulation", "yes-no", "yes where its component would fall apart without it; null where it is not placed well enough "
           "to tell"),
    Column("connections", "bridge_to", "list", "sites to which it is the only link between two parts of its component"),
    Column("measures", "site_id", "id", "the site"),
    Column("measures", "neighbours", "number", "how many sites overlap, touch, face or lie near it; null where it is not placed well enough to tell"),
    Column("measures", "neighbours_of_other_bodies", "number", "how many of these are known to be another body's; null where its own owner is "
           "not known"),
    Column("measures", "nearest_same_use_other_body", "id", "nearest site of another body with the same use, which might be shared; null where "
           "there is none, or its use, owner or place is not known"),
    Column("measures", "nearest_same_use_m", "number", "shortest distance to that site in a straight line", "m"),
    Column("measures", "nearest_same_use_basis", "choice", "what that distance is measured from: the weaker of the two places",
           vocabulary=("polygon", "point", "postcode")),
    Column("contacts", "neighbour", "id", "the site that adjoins the one asked about"),
    Column("contacts", "name", "text", "name of the neighbour"),
    Column("contacts", "in_words", "text", "how the two lie, in a sentence"),
    Column("contacts", "holder", "text", "organisation, body and other holders, and whether the title is to be confirmed; null where unknown"),
    Column("contacts", "address", "text", "addresses of its assets"),
    Column("contacts", "use", "text", "uses of its assets"),
    Column("contacts", "status", "text", "status, and who decided it"),
    Column("contacts", "interest", "text", "who holds what, with expiry, break and rent where known"),
    Column("contacts", "constraints", "text", "constraints that apply, may apply, or of which nobody knows"),
    Column("contacts", "notes", "list", "statements in words"),
    Column("contacts", "not_known", "list", "what nothing here says of it"),
    Column("contacts", "source", "text", "lines of registers it rests on"),
    Column("nearest", "site_id", "id", "one of the sites nearest to one without neighbours"),
    Column("nearest", "name", "text", "name of the site"),
    Column("nearest", "holder", "text", "organisation that owns it, or that the owner is unknown"),
    Column("nearest", "gap_m", "number", "shortest distance", "m"),
    Column("links", "site_id", "id", "site whose assets and parcels the link holds together"),
    Column("links", "member", "id", "asset or parcel"),
    Column("links", "member_kind", "choice", "which of the two it is", vocabulary=MEMBER_KINDS),
    Column("links", "other", "id", "asset or parcel it is one site with"),
    Column("links", "other_kind", "choice", "which of the two that is", vocabulary=MEMBER_KINDS),
    Column("links", "rule", "choice", "what joins them, the strongest first", vocabulary=LINK_RULES),
    Column("links", "reason", "text", "why they are one site, in words"),
    Column("links", "source", "text", "who says so: the fact's source, or the rows that share what joins them"),
    Column("assemblies", "rank", "number", "place in its ranking, from 1"),
    Column("assemblies", "ranking", "choice", "which ranking", vocabulary=("largest connected", "best deliverable")),
    Column("assemblies", "sites", "list", "sites of the group"),
    Column("assemblies", "organisations", "list", "owners of those sites"),
    Column("assemblies", "area_ha", "number", "area of the group", "ha"),
    Column("assemblies", "score", "number", "points out of 100 by the weights in use; null for what is not scored"),
    Column("assemblies", "contributions", "text", "points that each criterion adds to the score"),
    Column("assemblies", "marriage_value_gbp", "number", "worth together less worth apart; central; indicative, not a valuation", "GBP"),
    Column("assemblies", "ransom_sites", "list", "sites without which it falls apart or reaches no road"),
    Column("assemblies", "blockers", "list", "what stands in the way, from constraints and facts"),
    Column("assemblies", "first_in", "text", "how often it comes first when the weights could be anything"),
    Column("assemblies", "apart_gbp", "number", "sum of what each site is worth by itself: as it stands or cleared, the better; central", "GBP"),
    Column("assemblies", "together_gbp", "number", "worth of all cleared as one scheme; central", "GBP"),
    Column("assemblies", "marriage_low_gbp", "number", "the smallest of three: figures as stated, at their adverse ends, at their kind ends", "GBP"),
    Column("assemblies", "marriage_high_gbp", "number", "the largest of the three", "GBP"),
    Column("assemblies", "homes", "number", "homes of the scheme"),
    Column("assemblies", "months", "number", "longest consent that may be needed, at its longest; to be confirmed", "months"),
    Column("assemblies", "unknowns", "number", "things not known, or arguable, about its sites: flags, frontage, value as it stands"),
    Column("assemblies", "given_up_gbp", "number", "what sites would fetch as they stand beyond their land cleared; central", "GBP"),
    Column("assemblies", "variants", "number", "groups much like it that are folded into it"),
    Column("assemblies", "over_max_sites", "yes-no", "whether the group has more sites than asked for"),
    Column("shares", "owner", "id", "owner of land in the group"),
    Column("shares", "apart_gbp", "number", "what its land is worth by itself", "GBP"),
    Column("shares", "shapley_gbp", "number", "what it adds to the worth of others, averaged over all orders of joining: a negotiation aid", "GBP"),
    Column("shares", "by_area_gbp", "number", "the worth of all shared by area; null where an area is not known", "GBP"),
    Column("shares", "ransom_gbp", "number", "a third of the gain to who holds the key, the rest by area; null where nobody does", "GBP"),
    Column("shares", "core_low_gbp", "number", "the least it can have in shares nobody can better alone; null where there are none", "GBP"),
    Column("shares", "core_high_gbp", "number", "the most it can have in shares nobody can better alone; null where there are none", "GBP"),
    Column("shares", "better_alone", "list", "conventions under which it would do better alone", vocabulary=("shapley", "by area", "ransom")),
    Column("scores", "option", "id", "what is scored"),
    Column("scores", "score_low", "number", "score, figures that are not known taken at their worst", "of 100"),
    Column("scores", "score_high", "number", "score, figures that are not known taken at their best", "of 100"),
    Column("scores", "rank_best", "number", "one more than the options that are surely ahead"),
    Column("scores", "rank_worst", "number", "one more than the options that may be ahead"),
    Column("scores", "missing", "list", "criteria whose figure is not known"),
    Column("issues", "file", "text", "file the issue is in"),
    Column("issues", "row", "text", "line of a register, identifier or count of a table's row; blank for the whole file"),
    Column("issues", "column", "text", "heading or column"),
    Column("issues", "code", "id", "kind of issue"),
    Column("issues", "value", "text", "the value met"),
    Column("issues", "message", "text", "what is wrong"),
    Column("issues", "action", "text", "what was done, and what would mend it"),
)  # fmt: skip

AUDIENCE = "audience"
LABELLED_TABLES = ("facts", "interests", "constraints", "places", "roads", "land")

COLUMNS: tuple[Column, ...] = (
    *_ASSETS,
    *_TABLES,
    *(Column(table, AUDIENCE, "list", _AUDIENCE_MEANING) for table in LABELLED_TABLES),
    *_RESULTS,
)

ASSETS: dict[str, Column] = {column.name: column for column in _ASSETS}
FIELDS: dict[str, Column] = {column.name: column for column in _ASSETS if column.fact}


def table(name: str) -> dict[str, Column]:
    """The columns of one table by name, in order.

    Examples
    --------
    >>> list(table("relations"))
    ['site_a', 'site_b', 'relation', 'basis', 'gap_m', 'shared_boundary_m', 'between', 'across']
    """
    return {column.name: column for column in COLUMNS if column.table == name}
