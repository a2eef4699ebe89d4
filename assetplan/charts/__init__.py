"""Charts of an appraisal, each a pure function from plain data to one SVG element and to the table that says the same."""
