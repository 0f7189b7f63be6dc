"""The parts of tools/strangers: what it does to captures, and how it compares what turnpike says of them."""
