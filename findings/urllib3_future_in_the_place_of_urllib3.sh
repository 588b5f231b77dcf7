#!/usr/bin/env bash
# urllib3-future 2.25.904 (PyPI; niquests and grafana-client bring it): once it is installed, every start of Python puts it into the place
# of urllib3, also of one that was installed after it.
# Expected: `pip install urllib3==2.8.0` is what is imported, and what pip says is installed.
# Seen: pip says 2.8.0 and `pip check` has nothing to say; the next Python overwrites site-packages/urllib3, and imports 2.25.904.
. "$(dirname "$0")/lib.sh"
python urllib3-future==2.25.904 <<'PROGRAM'
PROGRAM
env/bin/pip install --quiet --disable-pip-version-check --only-binary :all: --no-compile urllib3==2.8.0
{
    echo "file $(sed -n "s/^__version__ = .*'\(.*\)'/\1/p" env/lib/python3*/site-packages/urllib3/_version.py)"
    env/bin/python -c 'import urllib3; print("imported", urllib3.__version__)'
    echo "pip $(env/bin/pip list --format=freeze | grep '^urllib3==')"
    env/bin/pip check
} 2>&1 | tee out
seen "file 2.8.0" "imported 2.25.904" "pip urllib3==2.8.0" "No broken requirements found."
