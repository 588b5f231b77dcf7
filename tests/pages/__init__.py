"""Dashboard pages as Grafana shows them, made by hand or recorded: for tests of pictures and their benchmarks."""
