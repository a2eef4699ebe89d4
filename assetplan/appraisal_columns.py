"""The columns of what appraisals answer: scenarios compared, lines, years."""

from __future__ import annotations

from assetplan.vocabulary import Column

_ENDS = (
    ("low", "with every figure that it rests on at the end that makes it least"),
    ("", "with every figure in the middle"),
    ("high", "with every figure at the end that makes it most"),
)
_RANGES = (
    ("capital", "gbp", "capital that the scenario spends, with optimism bias, real, undiscounted", "GBP"),
    ("usable_receipts", "gbp", "what sales leave that is for no restricted use, in pounds of each year", "GBP"),
    ("running_cash", "gbp_pa", "change of running cost in cash once all is in place; below 0 a saving", "GBP a year"),
    ("running_avoided", "gbp_pa", "the same of costs avoided", "GBP a year"),
    ("npv", "gbp", "net present value to the bodies and the exchequer, real, discounted", "GBP"),
)
_PARTS = (
    ("running", "running costs"),
    ("one_off", "what is spent once"),
    ("charges", "charges between bodies"),
    ("vat", "VAT that stays with the body"),
    ("interest", "interest, or the dividend on public dividend capital"),
    ("mrp", "minimum revenue provision, or depreciation"),
    ("funding", "money from outside and own money for revenue"),
)

APPRAISAL_COLUMNS = (
    Column("comparison", "scenario", "text", "the scenario's name"),
    Column("comparison", "rank", "number", "place by least regret; null for what is refused, listed last"),
    Column("comparison", "refused", "list", "why it cannot be as it is written"),
    Column("comparison", "moves", "list", "what it does, each with its financial year; what it keeps is left out"),
    *(
        Column("comparison", "_".join(part for part in (name, end, ending) if part), "number", f"{meaning}, {how}", unit)
        for name, ending, meaning, unit in _RANGES
        for end, how in _ENDS
    ),
    *(
        Column("comparison", f"revenue_effect_year_{step}_gbp", "number",
               f"effect on the revenue of all bodies together, {step} years after the base year, in pounds of that year; above 0 is good", "GBP")
        for step in range(1, 6)
    ),
    Column("comparison", "worst_off", "text", "the body to which it does worst, better off or not; blank where it does nothing to any"),
    Column("comparison", "worst_off_against", "text", "the scenario of that body alone that it is held against; blank: the baseline"),
    Column("comparison", "worst_off_gbp", "number", "present value of its own cash, against that; below 0 it is worse off", "GBP"),
    Column("comparison", "losers", "list", "the bodies that are worse off, worst first"),
    Column("comparison", "people_minutes_change", "number",
           "one trip by car, one way, by each person, to what moves: after less before; null where not known", "people-minutes"),
    Column("comparison", "people_farther", "number", "people with a longer way by car to some service; null where not known"),
    Column("comparison", "worst_place", "text", "place whose way grows most; null where none grows"),
    Column("comparison", "worst_change_min", "number", "by how much", "min"),
    Column("comparison", "response", "text", "the gravest of what moves of emergency services come to; blank where none moves"),
    Column("comparison", "willingness", "text", "how the bodies that it needs stand to it"),
    Column("comparison", "need", "text", "what presses"),
    Column("comparison", "aspirations", "text", "what is planned for its places"),
    Column("comparison", "deliverability", "text", "what could stop it"),
    Column("comparison", "consents_and_months", "text", "consents sought and not sought, and its longest chain of months"),
    Column("comparison", "confidence", "text", "how sure its figures are, by their sources"),
    Column("comparison", "chain_months", "number", "months of its longest chain of actions", "months"),
    Column("comparison", "good_percent", "number", "share of draws in which its net present value is not below 0", "percent"),
    Column("comparison", "stresses", "number", "named stresses that it can be put to"),
    Column("comparison", "stresses_withstood", "number", "those under which its net present value is not below 0"),
    Column("comparison", "forgone_gbp", "number",
           "what is forgone by it in 19 of 20 draws at most, against the best of those that are not refused, or nothing at all", "GBP"),
    Column("comparison", "failed", "number", "how many of three questions it fails: worth it in nearly every case, nobody worse off, nobody farther"),
    Column("comparison", "to_confirm", "number", "things that somebody has to confirm"),
    Column("comparison", "not_counted", "number", "things that are not counted as nothing states them"),
    Column("appraisal_lines", "scenario", "text", "the scenario's name"),
    Column("appraisal_lines", "line_id", "id", "by which assetplan explain knows it, after line/"),
    Column("appraisal_lines", "year", "year", "financial year, by its start"),
    Column("appraisal_lines", "organisation", "id", "the body; exchequer for taxes and rates, public for everybody else"),
    Column("appraisal_lines", "case", "choice", "economic and public: real; financial: real too, with the rise of prices as lines of its own",
           vocabulary=("economic", "public", "financial")),
    Column("appraisal_lines", "line", "text", "what it is about"),
    Column("appraisal_lines", "benefit_class", "choice", "what kind of benefit it is, or that it is a cost or a transfer",
           vocabulary=("cashable", "avoided", "non-cash", "cost", "transfer", "public")),
    Column("appraisal_lines", "kind", "choice", "in the accounts of its body", vocabulary=("capital", "receipt", "revenue", "funding")),
    Column("appraisal_lines", "subject", "text", "asset, service, interest or constraint it is about"),
    Column("appraisal_lines", "action", "number", "number of the action that brings it about; 0 where none does"),
    Column("appraisal_lines", "amount_gbp", "number", "above 0 is good for its body", "GBP"),
    Column("appraisal_lines", "low_gbp", "number", "the least that it may be", "GBP"),
    Column("appraisal_lines", "high_gbp", "number", "the most that it may be", "GBP"),
    Column("appraisal_lines", "basis", "text", "why, and how it was reckoned"),
    Column("appraisal_lines", "sources", "text", "who says what it is a product of"),
    Column("appraisal_lines", "discount_factor", "number", "what a pound of its year is worth in the base year; for lines of the economic case"),
    Column("appraisal_years", "scenario", "text", "the scenario's name"),
    Column("appraisal_years", "organisation", "id", "the body; exchequer for taxes and rates, public for everybody else"),
    Column("appraisal_years", "year", "year", "financial year, by its start"),
    Column("appraisal_years", "saved_less_spent_gbp", "number", "economic case: saved and received less spent, real, undiscounted", "GBP"),
    *(
        Column("appraisal_years", f"{name}_gbp", "number", f"effect on revenue: {meaning}, in pounds of the year", "GBP")
        for name, meaning in _PARTS
    ),
    Column("appraisal_years", "revenue_effect_gbp", "number", "the sum of these; above 0 is good for the body", "GBP"),
    Column("appraisal_years", "low_gbp", "number", "the same with every figure at its worst", "GBP"),
    Column("appraisal_years", "high_gbp", "number", "the same with every figure at its best", "GBP"),
    Column("appraisal_years", "from_repairs_avoided_gbp", "number",
           "what of it comes of repairs avoided: cash only if these are in the programme", "GBP"),
    Column("appraisal_years", "without_repairs_avoided_gbp", "number", "the effect without these", "GBP"),
    Column("appraisal_wards", "scenario", "text", "the scenario's name"),
    Column("appraisal_wards", "kind", "choice", "kind of area", vocabulary=("ward", "parish")),
    Column("appraisal_wards", "area_id", "id", "the area; blank for people in none of the kind"),
    Column("appraisal_wards", "area", "text", "its name"),
    Column("appraisal_wards", "of", "choice", "ways to services, or the first crew's minutes", vocabulary=("access", "response")),
    Column("appraisal_wards", "by", "text", "how people go, or the time of day"),
    Column("appraisal_wards", "function", "text", "what they go for, all together as all; or what the crew answers"),
    Column("appraisal_wards", "people", "number", "people there, of places whose people are known", "people"),
    Column("appraisal_wards", "people_not_known", "number", "those of them for whom a time is not known", "people"),
    Column("appraisal_wards", "people_farther", "number", "those with a time longer by half a minute or more", "people"),
    Column("appraisal_wards", "people_nearer", "number", "those with a shorter one", "people"),
    Column("appraisal_wards", "people_minutes_change", "number", "a trip of everybody there, after less before; blank for crews", "people-minutes"),
    Column("appraisal_wards", "mean_before_min", "number", "mean of people whose times are known, today", "minutes"),
    Column("appraisal_wards", "mean_after_min", "number", "the same after the whole scenario", "minutes"),
    Column("appraisal_wards", "mean_change_min", "number", "after less before", "minutes"),
    Column("appraisal_wards", "worst_place", "text", "the place whose time grows most"),
    Column("appraisal_wards", "worst_function", "text", "what that time is to"),
    Column("appraisal_wards", "worst_change_min", "number", "by how much it grows", "minutes"),
)  # fmt: skip
