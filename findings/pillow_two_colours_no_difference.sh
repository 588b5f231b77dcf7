#!/usr/bin/env bash
# Pillow 13.0.0 (PyPI): the usual way to compare two screenshots, ImageChops.difference(a, b).getbbox(), finds no difference between a red and a blue picture.
# Expected: the box of what differs, as of two RGB pictures, also of opaque RGBA ones (as every PNG of a browser is) and of two with a palette.
# Seen: None: of RGBA the box is that of the difference's alpha, which is nothing everywhere; of palettes the numbers of colours are compared, not the colours.
. "$(dirname "$0")/lib.sh"
python pillow==13.0.0 <<'PROGRAM'
from PIL import Image, ImageChops

red, blue = (Image.new("RGBA", (4, 4), colour) for colour in ("red", "blue"))
palettes = [Image.new("P", (4, 4), 0) for _ in range(2)]
palettes[0].putpalette([255, 0, 0])
palettes[1].putpalette([0, 0, 255])
for name, a, b in (("RGB", red.convert("RGB"), blue.convert("RGB")), ("RGBA", red, blue), ("P", *palettes)):
    print(name, ImageChops.difference(a, b).getbbox())
print("RGBA, all channels", ImageChops.difference(red, blue).getbbox(alpha_only=False))
PROGRAM
seen "RGB (0, 0, 4, 4)" "RGBA None" "P None" "RGBA, all channels (0, 0, 4, 4)"
