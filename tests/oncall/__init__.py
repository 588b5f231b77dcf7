"""Calendars as other products export them, and public holidays."""
