"""What tools/load, tools/soak and tests/live share: a private stage and the programs that act on it."""
