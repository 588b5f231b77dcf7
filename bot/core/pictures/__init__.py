"""Finds dashboards and queues their pictures."""
