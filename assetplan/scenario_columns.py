"""The fields of a scenario, of its actions, funding, benefits and overrides: the keys of its file and the names in Python, once."""

from __future__ import annotations

from assetplan.vocabulary import (
    AGREEMENTS,
    BENEFIT_CLASSES,
    CONTRIBUTIONS,
    DISPOSALS,
    ENDINGS,
    FUNDING_KINDS,
    INSTRUMENTS,
    INTERESTS,
    PAYS_FOR,
    ROUTES,
    Column,
)

SCENARIO = "scenario"
FUNDING = "scenario.funding"
BENEFITS = "scenario.benefits"
OVERRIDES = "scenario.overrides"

_RANGE = "one number, or low, central and high"
_ILLUSTRATIVE = "whether its figures are invented for the example"


def _action(word: str, year: str, *columns: Column) -> tuple[Column, ...]:
    """The fields of one kind of action, with those that all have."""
    table = f"{SCENARIO}.{word}"
    return (
        Column(table, "year", "year", year, required=True),
        *(Column(table, c.name, c.kind, c.meaning, c.unit, c.vocabulary, required=c.required) for c in columns),
        Column(table, "organisation", "id", "body that does it and pays; blank: whoever holds the place or runs the service"),
        Column(table, "source", "text", "who says so; wanted wherever money is stated"),
        Column(table, "illustrative", "yes-no", _ILLUSTRATIVE),
        Column(table, "note", "text", "anything else"),
    )  # fmt: skip


def _asset(meaning: str) -> Column:
    return Column("", "asset", "id", meaning, required=True)


def _cost(meaning: str) -> Column:
    return Column("", "cost_gbp", "range", f"{meaning}; {_RANGE}, in pounds of the estate's price base", "GBP")


def _months(meaning: str, *, required: bool = False) -> Column:
    return Column("", "months", "number", meaning, "months", required=required)


def _a_year(name: str, meaning: str) -> Column:
    return Column("", name, "range", f"{meaning}; {_RANGE}", "GBP a year")


def _instrument(*, required: bool = False) -> Column:
    return Column("", "instrument", "choice", "by what right it is there", vocabulary=INSTRUMENTS, required=required)


def _one_off(name: str, meaning: str) -> Column:
    return Column("", name, "range", f"{meaning}, once; {_RANGE}; blank: not stated", "GBP")


def _non_standard(usual: int) -> Column:
    return Column(
        "",
        "non_standard_percent",
        "number",
        f"share of the works that is no standard building; blank: {usual}",
        "percent",
    )


def _service_saving() -> Column:
    return _a_year("saving_gbp_pa", "what running the service costs less afterwards, its premises apart")


_MITIGATED = Column(
    "",
    "mitigated_percent",
    "range",
    f"share of the optimism bias of the works that is managed away; {_RANGE}; blank: none",
    "percent",
)
_ICT, _REDUNDANCY = _one_off("ict_gbp", "cost of ICT"), _one_off("redundancy_gbp", "cost of redundancy")
_TERM = Column("", "term_months", "number", "length of the term", "months")

SCENARIO_COLUMNS: tuple[Column, ...] = (
    Column(SCENARIO, "name", "text", "name of the scenario", required=True),
    Column(SCENARIO, "audience", "text", "readers who may know of it, parted by ; (blank: nobody but the keeper)"),
    Column(SCENARIO, "author", "text", "body or post that wrote it, not a person"),
    Column(SCENARIO, "start_year", "year", "financial year, by its start, from which it is reckoned; blank: that of the estate's date"),
    Column(SCENARIO, "note", "text", "what it is for"),
    Column(OVERRIDES, "figure", "id", "figure of assumptions.toml, or of an appraisal, that is another one here", required=True),
    Column(OVERRIDES, "value", "range", f"what it is here; {_RANGE}, in the figure's own unit", required=True),
    Column(OVERRIDES, "asset", "id", "asset or parcel on the site for which it is so; blank: everywhere"),
    Column(OVERRIDES, "reason", "text", "why", required=True),
    Column(OVERRIDES, "author", "text", "body or post that says so, not a person", required=True),
    Column(FUNDING, "kind", "choice", "where the money comes from", vocabulary=FUNDING_KINDS, required=True),
    Column(FUNDING, "organisation", "id", "body that gets it, or that uses its own", required=True),
    Column(FUNDING, "year", "year", "financial year, by its start, in which it is spent", required=True),
    Column(FUNDING, "amount_gbp", "range", f"how much; {_RANGE}, in pounds as they are paid in that year", "GBP", required=True),
    Column(FUNDING, "pays_for", "choice", "what it may be spent on", vocabulary=PAYS_FOR, required=True),
    Column(FUNDING, "from_organisation", "id", "for a contribution: the partner that gives it, to which it is a cost"),
    Column(FUNDING, "instrument", "choice", "for a contribution: the form in which it passes; counsel to advise", vocabulary=CONTRIBUTIONS),
    Column(FUNDING, "plan", "id", "row of plans.csv on which it draws; blank: none"),
    Column(FUNDING, "expires", "year", "last financial year, by its start, in which it can be spent; blank: that of its plan, if any"),
    Column(FUNDING, "roi_required", "number", "for a grant: gross return that its giver asks for, in times the grant", "times the grant"),
    Column(FUNDING, "roi_years", "number", "for a grant: years over which that return is counted", "years"),
    Column(FUNDING, "source", "text", "who says so", required=True),
    Column(FUNDING, "illustrative", "yes-no", _ILLUSTRATIVE),
    Column(FUNDING, "note", "text", "anything else"),
    Column(BENEFITS, "name", "text", "what it is", required=True),
    Column(BENEFITS, "organisation", "id", "body to which it falls, or public: people at large", required=True),
    Column(BENEFITS, "benefit_class", "choice", "whether it is cash, cost avoided, not cash, or a benefit of the public", vocabulary=BENEFIT_CLASSES,
           required=True),
    Column(BENEFITS, "year", "year", "first financial year, by its start", required=True),
    Column(BENEFITS, "until", "year", "last financial year, by its start; blank: to the end"),
    Column(BENEFITS, "amount_gbp_pa", "signed range", f"how much; {_RANGE}; below 0 where it is a loss", "GBP a year", required=True),
    Column(BENEFITS, "basis", "text", "how it is worked out", required=True),
    Column(BENEFITS, "source", "text", "who says so", required=True),
    Column(BENEFITS, "illustrative", "yes-no", _ILLUSTRATIVE),
    Column(BENEFITS, "note", "text", "anything else"),
    *_action(
        "retain",
        "financial year, by its start, in which the spending begins",
        _asset("asset that is kept in use"),
        _months("months over which the spending is spread; blank: within the year"),
        _cost("what is spent to keep it in use; blank: the backlog of its register"),
    ),
    *_action(
        "refurbish",
        "financial year, by its start, in which works begin",
        _asset("asset that is refurbished"),
        _months("how long works take", required=True),
        Column("", "area_m2", "number", "gross internal area that is refurbished; blank: all of it", "m2"),
        Column("", "backlog_percent", "number", "share of the register's backlog the works do away with; blank: the share of the area", "percent"),
        _non_standard(100),
        _MITIGATED,
        _a_year("saving_gbp_pa", "what running the asset costs less afterwards"),
        _cost("cost of the works"),
    ),
    *_action(
        "relocate",
        "financial year, by its start, in which it moves",
        Column("", "service", "id", "service, or part of one, that moves; a whole takes with it the parts that are where it is", required=True),
        Column("", "to", "id", "asset or parcel it moves to, or the new_asset of something built", required=True),
        _instrument(),
        Column("", "double_running_months", "number", "how long both places are run; blank: not stated", "months"),
        _a_year("charge_gbp_pa", "what its body pays whoever holds the place"),
        _service_saving(),
        _ICT,
        _REDUNDANCY,
        _cost("cost of moving and fitting, and of ICT where that is not stated by itself"),
    ),
    *_action(
        "share",
        "financial year, by its start, in which they move in",
        Column("", "host", "id", "asset whose body lets others in", required=True),
        Column("", "services", "list", "services that share it", required=True),
        _instrument(required=True),
        _TERM,
        _a_year("charge_gbp_pa", "what they pay the host together"),
        _service_saving(),
        _ICT,
        _REDUNDANCY,
        _cost("cost of moving in and fitting, and of ICT where that is not stated by itself"),
    ),
    *_action(
        "split",
        "financial year, by its start, from which its parts may be in different places",
        Column("", "service", "id", "service that is split", required=True),
        Column("", "parts", "list", "parts of it that are parted", required=True),
        _cost("cost of parting them; blank: what services.csv states"),
        _a_year("cost_gbp_pa", "what running them apart costs; blank: what services.csv states"),
    ),
    *_action(
        "build",
        "financial year, by its start, in which works begin",
        _asset("asset or parcel on which it is built"),
        _months("how long works take", required=True),
        Column("", "new_asset", "id", "identifier by which other actions name what is built; blank: the land's own"),
        Column("", "use", "text", "what it is used for, in the words of covenants and assumptions.toml"),
        Column("", "gia_m2", "number", "gross internal area of what is built", "m2"),
        Column("", "homes", "number", "homes that are built", "homes"),
        Column("", "built_by", "text", "who builds, where that is no body of the estate; a body, not a person"),
        _non_standard(0),
        _MITIGATED,
        _a_year("running_cost_gbp_pa", "what running it costs; blank: its area times the figure new_running_gbp_m2"),
        _cost("cost to the body that does it"),
    ),
    *_action(
        "acquire",
        "financial year, by its start, in which buying begins",
        _asset("asset or parcel that is acquired"),
        _months("how long it takes; blank: within the year"),
        Column("", "acquired_as", "choice", "what interest is acquired; blank: not settled", vocabulary=INTERESTS),
        _TERM,
        Column("", "area_ha", "number", "area that is acquired; blank: all of it", "ha"),
        _a_year("rent_gbp_pa", "rent that is paid"),
        _cost("price and cost of acquiring"),
    ),
    *_action(
        "dispose",
        "financial year, by its start, in which it completes",
        _asset("asset or parcel that is disposed of"),
        Column("", "by", "choice", "how", vocabulary=DISPOSALS, required=True),
        Column("", "recipient", "text", "body that takes it, where one is known; not a person"),
        Column("", "swap_for", "id", "for a swap, the asset or parcel that comes in return"),
        Column("", "area_ha", "number", "area that goes, where only part of it does", "ha"),
        _TERM,
        Column("", "receipt_gbp", "range", f"receipt before costs; {_RANGE}; indicative, not a valuation", "GBP"),
        Column("", "value_gbp", "range", f"market value, where it goes for less; {_RANGE}; indicative, not a valuation", "GBP"),
        Column("", "usable_for", "text", "what the receipt may be used for, where that is settled; blank: not stated"),
        Column("", "clawback_percent", "range", f"share of the receipt that a former funder takes back; {_RANGE}", "percent"),
        _a_year("rent_gbp_pa", "ground rent that is received"),
        Column("", "overage_percent", "range", "share of a later gain that is paid", "percent"),
        Column("", "overage_months", "number", "how long overage runs", "months"),
        _cost("cost of disposing, and of clearing where the seller clears"),
    ),
    *_action(
        "assemble",
        "financial year, by its start, in which the bodies agree",
        Column("", "assets", "list", "assets or parcels, one at least of each site that is joined", required=True),
        Column("", "agreement", "choice", "how the bodies bind one another; blank: not settled", vocabulary=AGREEMENTS),
        _cost("cost of agreeing"),
    ),
    *_action(
        "release",
        "financial year, by its start, in which it is begun",
        Column("", "constraint", "id", "constraint that is to be released, satisfied or cleared up", required=True),
        Column("", "route", "choice", "how", vocabulary=ROUTES, required=True),
        _months("how long it takes", required=True),
        Column("", "probability_percent", "range", f"chance that it succeeds; {_RANGE}; blank: not known", "percent"),
        _cost("cost, compensation included"),
    ),
    *_action(
        "appropriate",
        "financial year, by its start, in which it is begun",
        _asset("asset or parcel that a body moves from one of its functions to another"),
        Column("", "from_purpose", "text", "function for which it is held"),
        Column("", "to_purpose", "text", "function for which it is to be held", required=True),
        _months("how long it takes; blank: within the year"),
        _cost("cost of appropriating; the value that passes between accounts is no cost"),
    ),
    *_action(
        "surrender",
        "financial year, by its start, in which the interest ends",
        Column("", "interest", "id", "interest that is given up", required=True),
        Column("", "by", "choice", "how it ends", vocabulary=ENDINGS, required=True),
        _cost("premium, dilapidations and reinstatement"),
    ),
    *_action(
        "sublet",
        "financial year, by its start, in which the letting begins",
        _asset("asset of which all or part is let or underlet"),
        _instrument(required=True),
        Column("", "recipient", "text", "body that takes it, where one is known; not a person"),
        Column("", "area_m2", "number", "area that is let; blank: not stated", "m2"),
        _TERM,
        _a_year("rent_gbp_pa", "rent that is received"),
        _cost("cost of letting and of fitting"),
    ),
    *_action(
        "meanwhile",
        "financial year, by its start, in which it begins",
        _asset("asset or parcel that is used in the meantime"),
        Column("", "use", "text", "what for", required=True),
        _months("how long", required=True),
        _a_year("income_gbp_pa", "what it brings in"),
        _cost("cost of making it fit"),
    ),
)  # fmt: skip
