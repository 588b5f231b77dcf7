#!/usr/bin/env bash
# docker/go-units v0.5.0 (Go; Docker Compose reads sizes with it): FromHumanSize("1GiB") is 1000000000, RAMInBytes("1GB") is 1073741824.
# Expected: IEC 80000-13: Gi is 2^30 and G is 10^9; or an error from the function that does not take the unit. The package's own BytesSize writes GiB.
# Seen: the letter i and the case of the others are dropped, and the function alone decides: what BytesSize writes FromHumanSize reads 7 % smaller.
. "$(dirname "$0")/lib.sh"
golang github.com/docker/go-units@v0.5.0 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/docker/go-units"
)

func main() {
	written := units.BytesSize(1 << 30)
	read, err := units.FromHumanSize(written)
	fmt.Println("written", written, "read", read, err)
	read, err = units.RAMInBytes(units.HumanSize(1e9))
	fmt.Println("written", units.HumanSize(1e9), "read", read, err)
}
PROGRAM
seen "written 1GiB read 1000000000 <nil>" "written 1GB read 1073741824 <nil>"
