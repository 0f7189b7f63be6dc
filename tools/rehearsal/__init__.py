"""A flight simulator for rulesets: see tools/rehearse --help."""
