"""How far an appraisal can be relied on: tornado, draws, break-evens, stresses, the return on grants."""
