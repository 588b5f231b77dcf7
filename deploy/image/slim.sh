#!/bin/sh
# What libraries bring along and the bot never loads: 90 MB of tests, stubs, tools of fonts, and symbols of Playwright's node.
set -eu
cd "$1"
strip playwright/driver/node
find matplotlib numpy contourpy sqlalchemy -type d \( -name tests -o -name testing \) ! -path 'numpy/testing*' -prune -exec rm -rf {} +
find . -name '*.pyi' -delete
rm -rf numpy/f2py numpy/_core/include numpy/_core/lib matplotlib/mpl-data/sample_data
# matplotlib reads the names of glyphs (agl) and, to draw a PNG, nothing else of it.
find fontTools -mindepth 1 -maxdepth 1 -type d ! -name misc ! -name __pycache__ -exec rm -rf {} +
