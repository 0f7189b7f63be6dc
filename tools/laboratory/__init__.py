"""The laboratory: a real firewall, real clients and real servers in network namespaces.

Read in this order: sandbox (private namespaces), topology (hosts and links), firewall, services,
clients, taps, then policy (what a seed draws), truth (what must be seen) and score (what was seen).
"""
