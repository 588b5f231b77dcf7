"""Pictures of dashboards, taken in a browser and checked before they are given away."""
