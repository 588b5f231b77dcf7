#!/usr/bin/env bash
# tdigest 0.5.2.2 (PyPI) and tdigest 0.1.3 (npm), beside ddsketch 3.0.1 (PyPI): the median of four requests of 1 ms and one of a second is 200.8 ms.
# Expected: 1 ms, by every definition of a median; a digest of five values keeps all five of them, and the 75th percentile is no other value either.
# Seen: between the last of the four and the fifth a straight line is drawn that begins at the median: 200.8, and 700.3 for the 75th percentile. One slow request of five
# and the chart of a quiet endpoint says that half of its requests take 200 ms.
. "$(dirname "$0")/lib.sh"
python tdigest==0.5.2.2 ddsketch==3.0.1 --no-binary accumulation-tree,pyudorandom <<'PROGRAM'
from ddsketch import DDSketch
from tdigest import TDigest

digest, sketch = TDigest(), DDSketch()
for milliseconds in (1, 1, 1, 1, 1000):
    digest.update(milliseconds)
    sketch.add(milliseconds)
print("python", *(round(digest.percentile(part), 1) for part in (50, 75)), "ddsketch", *(round(sketch.get_quantile_value(part)) for part in (0.5, 0.75)))
PROGRAM
mv out before.out
node_program tdigest@0.1.3 <<'PROGRAM'
import { createRequire } from "node:module";
const { TDigest } = createRequire(import.meta.url)("tdigest");
const digest = new TDigest();
for (const milliseconds of [1, 1, 1, 1, 1000]) digest.push(milliseconds);
console.log("node", ...[0.5, 0.75].map((part) => digest.percentile(part).toFixed(1)));
PROGRAM
cat before.out >>out
seen "python 200.8 700.3 ddsketch 1 1" "node 200.8 700.3"
