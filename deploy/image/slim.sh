#!/bin/sh
# What libraries bring along and the bot never loads: 130 MB of tests, stubs, C sources, tools of fonts, Playwright's
# own pages, and symbols of its node.
set -eu
cd "$1"
strip playwright/driver/node
# Not what was mended to find libraries that came with it (numpy, Pillow): strip may break that.
find . -path './numpy*' -prune -o -path './PIL*' -prune -o -path './pillow*' -prune -o -name '*.so' -exec strip --strip-unneeded {} +
find matplotlib numpy contourpy sqlalchemy -type d \( -name tests -o -name testing \) ! -path 'numpy/testing*' -prune -exec rm -rf {} +
find . \( -name '*.pyi' -o -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.pyx' -o -name '*.pxd' \) -delete
rm -rf playwright/driver/package/lib/vite
rm -rf numpy/f2py numpy/_core/include numpy/_core/lib matplotlib/mpl-data/sample_data
# matplotlib reads the names of glyphs (agl) and, to draw a PNG, nothing else of it.
find fontTools -mindepth 1 -maxdepth 1 -type d ! -name misc ! -name __pycache__ -exec rm -rf {} +
