#!/usr/bin/env bash
# kubernetes-resource-parser 0.1.0 (npm), beside kubernetes 37.0.1 (PyPI): "500000n", a two-thousandth of a core as the metrics API writes it, is 500000 cores.
# Expected: n, u and k are suffixes of Kubernetes' quantities; metrics-server answers in n. The library asks for correct strings "coming directly from the K8s API".
# Seen: only m is known of a CPU's suffixes, anything else is dropped: a pod that idles uses 500000 cores, one of 250u 250, and 2k are two.
. "$(dirname "$0")/lib.sh"
python kubernetes==37.0.1 <<'PROGRAM'
from kubernetes.utils.quantity import parse_quantity

for text in ("500000n", "250u", "250m", "2k"):
    print("kubernetes", text, float(parse_quantity(text)))
PROGRAM
mv out before.out
node_program kubernetes-resource-parser@0.1.0 <<'PROGRAM'
import parser from "kubernetes-resource-parser";
for (const text of ["500000n", "250u", "250m", "2k"]) console.log("kubernetes-resource-parser", text, parser.cpuParser(text));
PROGRAM
cat before.out >>out
seen "kubernetes-resource-parser 500000n 500000" "kubernetes-resource-parser 250u 250" "kubernetes-resource-parser 250m 0.25" \
    "kubernetes-resource-parser 2k 2" "kubernetes 500000n 0.0005" "kubernetes 250u 0.00025" "kubernetes 2k 2000.0"
