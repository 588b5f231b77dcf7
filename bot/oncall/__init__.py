"""Calendars and public holidays, read by libraries in processes of their own."""
