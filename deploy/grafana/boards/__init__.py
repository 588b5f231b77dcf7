"""The dashboards, from Python; `python -m deploy.grafana.boards` writes them for Grafana to read."""
