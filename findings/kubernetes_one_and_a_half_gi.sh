#!/usr/bin/env bash
# @kubernetes/client-node 1.4.0 (npm), kubernetes 37.0.1 (PyPI) and apimachinery v0.36.2 (Go): a container that asks for 1.5Gi of memory, or 1K of something.
# Expected: what the server takes (apimachinery is its reader): 1.5Gi is 1610612736, and "1K" is no quantity (k is a thousand, Ki is 1024).
# Seen: JavaScript takes 1Gi but raises SyntaxError for 1.5Gi (its topNodes and topPods add such values up); Python takes 1K for 1000, which the server refuses.
. "$(dirname "$0")/lib.sh"
python kubernetes==37.0.1 <<'PROGRAM'
from kubernetes.utils.quantity import parse_quantity

for text in ("1.5Gi", "1K"):
    print("Python", text, int(parse_quantity(text)))
PROGRAM
mv out before.out
node_program @kubernetes/client-node@1.4.0 <<'PROGRAM'
import { quantityToScalar } from "./node_modules/@kubernetes/client-node/dist/util.js";
for (const text of ["1Gi", "1.5Gi", "1K"]) {
    try {
        console.log("JavaScript", text, String(quantityToScalar(text)));
    } catch (error) {
        console.log("JavaScript", text, error.name);
    }
}
PROGRAM
cat out >>before.out
golang k8s.io/apimachinery@v0.36.2 <<'PROGRAM'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"
)

func main() {
	for _, text := range []string{"1.5Gi", "1K"} {
		quantity, err := resource.ParseQuantity(text)
		fmt.Println("Go", text, quantity.Value(), err == nil)
	}
}
PROGRAM
cat before.out >>out
seen "Go 1.5Gi 1610612736 true" "Go 1K 0 false" "Python 1.5Gi 1610612736" "Python 1K 1000" "JavaScript 1Gi 1073741824" \
    "JavaScript 1.5Gi SyntaxError" "JavaScript 1K Error"
