"""Services of several bodies in one host: which options there are, what each would do, what stands in the way."""
