"""Asks the servers, one file each; every call has a deadline and a size limit, every failure is a SourceError."""
