#!/usr/bin/env bash
# packageurl-js 2.0.1 (npm), packageurl-python 0.17.6 (PyPI), packageurl-go v0.1.7 (Go): one package of Debian has two identifiers in lists of parts (SBOM).
# Expected: a package URL is compared as a text, so that libraries of one project write the same: a list made by one is matched with advisories written by another.
# Seen: the plus sign of a version (all security updates of Debian have one: 1.6-2.1+deb12u1) stays in JavaScript and is %2B in Python and Go; FOO is foo in JavaScript and Go, FOO in Python.
. "$(dirname "$0")/lib.sh"
python packageurl-python==0.17.6 <<'PROGRAM'
from packageurl import PackageURL

for name, version in (("jq", "1.6-2.1+deb12u1"), ("FOO", "1:2.3")):
    print("Python", PackageURL("deb", "debian", name, version).to_string())
print("Python", PackageURL("golang", "k8s.io", "api", "v1.0.0+incompatible").to_string())
PROGRAM
mv out before.out
node_program packageurl-js@2.0.1 <<'PROGRAM'
import { PackageURL } from "packageurl-js";
for (const [name, version] of [["jq", "1.6-2.1+deb12u1"], ["FOO", "1:2.3"]]) console.log("JavaScript", new PackageURL("deb", "debian", name, version).toString());
console.log("JavaScript", new PackageURL("golang", "k8s.io", "api", "v1.0.0+incompatible").toString());
PROGRAM
cat out >>before.out
golang github.com/package-url/packageurl-go@v0.1.7 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/package-url/packageurl-go"
)

func main() {
	for _, part := range [][4]string{{"deb", "debian", "jq", "1.6-2.1+deb12u1"}, {"deb", "debian", "FOO", "1:2.3"}, {"golang", "k8s.io", "api", "v1.0.0+incompatible"}} {
		made := packageurl.NewPackageURL(part[0], part[1], part[2], part[3], nil, "")
		if err := made.Normalize(); err != nil {
			panic(err)
		}
		fmt.Println("Go", made.ToString())
	}
}
PROGRAM
cat before.out >>out
seen "JavaScript pkg:deb/debian/jq@1.6-2.1+deb12u1" "Python pkg:deb/debian/jq@1.6-2.1%2Bdeb12u1" "Go pkg:deb/debian/jq@1.6-2.1%2Bdeb12u1" \
    "JavaScript pkg:golang/k8s.io/api@v1.0.0+incompatible" "Python pkg:golang/k8s.io/api@v1.0.0%2Bincompatible" \
    "JavaScript pkg:deb/debian/foo@1:2.3" "Python pkg:deb/debian/FOO@1:2.3" "Go pkg:deb/debian/foo@1:2.3"
