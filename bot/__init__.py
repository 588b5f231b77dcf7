"""Bongsu: the on-call bot for people who run Grafana."""

__version__ = "0.1.0"
