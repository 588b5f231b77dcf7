"""Bongsu: the on-call bot for people who run Grafana."""
