#!/usr/bin/env bash
# modernc.org/sqlite v1.62.0 beside mattn/go-sqlite3 v1.14.53 (Go): a time.Time that one wrote is the year 1 for the other, and no time for SQLite's own functions.
# Expected: one of the texts SQLite's documentation of its date and time functions lists, as mattn's "2026-03-01 09:00:00+09:00" is; or an error on reading.
# Seen: without _time_format modernc writes Go's Time.String(), which datetime() reads as NULL, so a clean-up by age finds none; mattn scans it as zero, without an
# error. A time that was read from "…+09:00", whose zone has no name, modernc cannot scan itself.
. "$(dirname "$0")/lib.sh"
golang modernc.org/sqlite@v1.62.0 github.com/mattn/go-sqlite3@v1.14.53 <<'PROGRAM'
package main

import (
	"database/sql"
	"fmt"
	"time"

	_ "github.com/mattn/go-sqlite3"
	_ "modernc.org/sqlite"
)

func main() {
	names := map[string]string{"sqlite": "modernc", "sqlite3": "mattn"}
	at, _ := time.Parse(time.RFC3339, "2026-03-01T09:00:00+09:00")
	for _, writer := range []string{"sqlite", "sqlite3"} {
		db, _ := sql.Open(writer, writer+".db")
		if _, err := db.Exec("CREATE TABLE alerts (id INTEGER, at TIMESTAMP)"); err != nil {
			panic(err)
		}
		if _, err := db.Exec("INSERT INTO alerts VALUES (1, ?), (2, ?)", at, at.UTC()); err != nil {
			panic(err)
		}
		var old int
		db.QueryRow("SELECT count(*) FROM alerts WHERE datetime(at) < '2026-03-02 00:00:00'").Scan(&old)
		fmt.Println(names[writer], "wrote two alerts of 1 March, before 2 March are", old)
		for id := 1; id < 3; id++ {
			var text string
			db.QueryRow("SELECT CAST(at AS TEXT) FROM alerts WHERE id = ?", id).Scan(&text)
			fmt.Println(names[writer], "wrote", text)
			for _, reader := range []string{"sqlite", "sqlite3"} {
				other, _ := sql.Open(reader, writer+".db")
				var read time.Time
				err := other.QueryRow("SELECT at FROM alerts WHERE id = ?", id).Scan(&read)
				fmt.Println(names[reader], "reads", id, "of", names[writer], read.UTC().Format(time.RFC3339), err == nil)
			}
		}
	}
}
PROGRAM
seen "modernc wrote 2026-03-01 09:00:00 +0900 +0900" "modernc wrote 2026-03-01 00:00:00 +0000 UTC" \
    "modernc wrote two alerts of 1 March, before 2 March are 0" "mattn wrote two alerts of 1 March, before 2 March are 2" \
    "mattn reads 1 of modernc 0001-01-01T00:00:00Z true" "mattn reads 2 of modernc 0001-01-01T00:00:00Z true" \
    "modernc reads 1 of modernc 0001-01-01T00:00:00Z false" "modernc reads 2 of modernc 2026-03-01T00:00:00Z true" \
    "modernc reads 1 of mattn 2026-03-01T00:00:00Z true" "mattn reads 1 of mattn 2026-03-01T00:00:00Z true"
