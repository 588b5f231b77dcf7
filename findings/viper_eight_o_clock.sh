#!/usr/bin/env bash
# Viper v1.21.0 (Go; most programs in Go read their settings with it): REPORT_HOUR=07 is 7, and 08 is 0.
# Expected: 8, as strconv.Atoi of the same text, or an error; the same library reads "08s" as eight seconds.
# Seen: a zero in front makes the number octal; 08 and 09 are none, and GetInt turns that into 0 without a word. 010 is 8.
. "$(dirname "$0")/lib.sh"
golang github.com/spf13/viper@v1.21.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strconv"

	"github.com/spf13/viper"
)

func main() {
	viper.AutomaticEnv()
	for _, text := range []string{"07", "08", "09", "010"} {
		os.Setenv("REPORT_HOUR", text)
		plain, _ := strconv.Atoi(text)
		fmt.Println(text, "strconv", plain, "viper", viper.GetInt("report_hour"))
	}
	os.Setenv("REPORT_DELAY", "08s")
	fmt.Println("08s", viper.GetDuration("report_delay"))
}
PROGRAM
seen "07 strconv 7 viper 7" "08 strconv 8 viper 0" "09 strconv 9 viper 0" "010 strconv 10 viper 8" "08s 8s"
