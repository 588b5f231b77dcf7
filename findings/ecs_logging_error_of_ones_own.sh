#!/usr/bin/env bash
# ecs-logging 2.3.0 (PyPI; Elastic's own, for logging of Python): an exception logged with a field of one's own called
# "error" is not written.
# Expected: a line with both, or with one of them.
# Seen: the text and the table that the exception becomes cannot be merged, the formatter raises, and logging prints
# "--- Logging error ---" to stderr in the place of the line. Without an exception the field is fine, so it is the worst
# lines alone that lack; "http" beside "http.request.method" does the same.
. "$(dirname "$0")/lib.sh"
python ecs-logging==2.3.0 <<'PROGRAM'
import contextlib
import io
import logging

import ecs_logging

written = io.StringIO()
handler = logging.StreamHandler(written)
handler.setFormatter(ecs_logging.StdlibFormatter())
log = logging.getLogger("shop")
log.addHandler(handler)
log.propagate = False


def lines(exc_info, extra):
    written.seek(0)
    written.truncate()
    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        try:
            raise TimeoutError("no answer")
        except TimeoutError:
            log.error("payment failed", exc_info=exc_info, extra=extra)
    failed = "Logging error" in stderr.getvalue()
    return f"{len(written.getvalue().splitlines())} lines, logging's own error {failed}"


print("an exception alone:", lines(True, {}))
print("a field error alone:", lines(False, {"error": "card"}))
print("both:", lines(True, {"error": "card"}))
print("http beside http.request.method:", lines(False, {"http": "GET", "http.request.method": "GET"}))
PROGRAM
seen "an exception alone: 1 lines, logging's own error False" \
    "a field error alone: 1 lines, logging's own error False" \
    "both: 0 lines, logging's own error True" "http beside http.request.method: 0 lines, logging's own error True"
