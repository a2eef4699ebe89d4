"""Where the rows of a register lie: what their numbers may mean, and the evidence for it."""
