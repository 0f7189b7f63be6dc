"""Scenarios for single captures."""
