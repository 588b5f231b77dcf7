"""Reads calendars and public holidays, by libraries in processes of their own."""
