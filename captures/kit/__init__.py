"""Builds small captures from stories: hosts, names, connections, answers and silences.

Standard library only and deterministic, so that a capture can be made again byte by byte.
"""
from .scenario import scenario, scenarios  # noqa: F401
from .story import Story  # noqa: F401
