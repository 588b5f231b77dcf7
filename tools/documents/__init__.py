"""Documents that are written from the code; tests/meta/test_documents.py keeps them true."""
