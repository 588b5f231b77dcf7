"""Bongsu: the on-call bot for people who run Grafana."""

import sys

# Here, because every way in comes by here, and what follows is not even read by an older Python.
if sys.version_info < (3, 11):  # noqa: UP036 - whoever has an older one gets this sentence instead of a traceback
    sys.stderr.write(
        "bongsu: Python 3.11 or newer is needed, this is {}.{}: install it and make the environment anew. "
        "Python 3.11 이상이 필요합니다. 설치한 뒤 가상 환경을 다시 만드세요.\n".format(*sys.version_info[:2])
    )
    raise SystemExit(78)

__version__ = "0.2.0"
