"""Which column of a register is which, what kind of register it is and whose, and what the cells of a column say."""
