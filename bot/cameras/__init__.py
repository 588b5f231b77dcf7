"""Takes pictures of dashboards: in a browser, by Grafana's renderer, or drawn from the series."""
