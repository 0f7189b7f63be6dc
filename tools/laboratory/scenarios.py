"""Scenarios for single captures."""
SCENARIOS = {}
