"""What is written from Python for Grafana to read."""
