#!/bin/sh
# What libraries bring along and the bot never loads: 150 MB of tests, stubs, C sources, tools of fonts, Playwright's
# own pages, pictures in AVIF, and symbols of its node.
set -eu
cd "$1"
strip playwright/driver/node
# Not what was mended to find libraries that came with it (numpy, Pillow): strip may break that.
find . -path './numpy*' -prune -o -path './PIL*' -prune -o -path './pillow*' -prune -o -name '*.so' -exec strip --strip-unneeded {} +
find matplotlib numpy contourpy sqlalchemy alembic -type d \( -name tests -o -name testing \) ! -path 'numpy/testing*' -prune -exec rm -rf {} +
find . \( -name '*.pyi' -o -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.a' \) -delete
rm -rf playwright/driver/package/lib/vite playwright/driver/package/types playwright/sync_api
rm -rf numpy/f2py numpy/distutils numpy/_core/include numpy/_core/lib numpy/_core/_simd.* numpy/_core/*_tests.*
# Databases that are not ours.
rm -rf sqlalchemy/dialects/mysql sqlalchemy/dialects/mssql sqlalchemy/dialects/oracle
# Grafana is asked over TCP: HTTP/3 is for who has this.
rm -rf qh3
# Two copies of one library, and what makes the second out of the first whenever Python starts.
rm -rf urllib3 urllib3_future.pth
mv urllib3_future urllib3
rm -rf matplotlib/mpl-data/sample_data matplotlib/mpl-data/images matplotlib/backends/web_backend
# A chart is drawn with the first of these, and with the second what has no glyph in any.
find matplotlib/mpl-data/fonts -type f ! -name 'DejaVuSans*' ! -name 'LastResort*' ! -name 'STIX*' ! -name 'cm*' -delete
# matplotlib reads the names of glyphs (agl) and, to draw a PNG, nothing else of it.
find fontTools -mindepth 1 -maxdepth 1 -type d ! -name misc ! -name __pycache__ -exec rm -rf {} +
# Windows' own voices, and a kind of picture that Pillow does without where this is missing.
rm -rf discord/bin PIL/_avif.* pillow.libs/libavif-*
# Who checks what pip installed; licences and names stay.
rm -rf ./*.dist-info/RECORD ./*.dist-info/sboms
