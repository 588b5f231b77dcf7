"""Grafana's provisioned files, written from Python."""
