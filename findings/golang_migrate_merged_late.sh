#!/usr/bin/env bash
# golang-migrate v4.20.1 (Go) against yoyo-migrations 9.0.0 (PyPI): a migration that is merged after one with a higher number is never applied.
# Expected: it is applied, as yoyo does, or refused by its name: two branches that each brought a migration are merged in whichever order they are ready.
# Seen: only the last version is kept, so number 2 after 3 is "no change" (what a deployment takes for success), and 4 is applied on top of it; a new database has all four.
. "$(dirname "$0")/lib.sh"
mkdir migrations
echo "create table first (id int)" >migrations/1.sql
echo "create table third (id int)" >migrations/3.sql
python yoyo-migrations==9.0.0 setuptools==80.9.0 <<'PROGRAM'
from yoyo import get_backend, read_migrations


def apply():
    backend = get_backend("sqlite:///kept.db")
    migrations = read_migrations("migrations")
    with backend.lock():
        backend.apply_migrations(backend.to_apply(migrations))
    tables = backend.execute("select name from sqlite_master where name in ('first', 'second', 'third') order by rowid")
    print("yoyo", *(row[0] for row in tables))


apply()
with open("migrations/2.sql", "w") as file:
    file.write("create table second (id int)")
apply()
PROGRAM
mv out before.out
golang github.com/golang-migrate/migrate/v4@v4.20.1 <<'PROGRAM'
package main

import (
	"fmt"

	"github.com/golang-migrate/migrate/v4"
	database "github.com/golang-migrate/migrate/v4/database/stub"
	"github.com/golang-migrate/migrate/v4/source"
	files "github.com/golang-migrate/migrate/v4/source/stub"
)

func main() {
	driver, _ := (&database.Stub{}).Open("stub://")
	for _, versions := range [][]uint{{1, 3}, {1, 2, 3}, {1, 2, 3, 4}} {
		opened, _ := (&files.Stub{}).Open("stub://")
		known := opened.(*files.Stub)
		for _, version := range versions {
			known.Migrations.Append(&source.Migration{Version: version, Identifier: fmt.Sprint(version), Direction: source.Up})
		}
		runner, err := migrate.NewWithInstance("stub", known, "stub", driver)
		if err != nil {
			panic(err)
		}
		fmt.Println("golang-migrate of", versions, "says", runner.Up(), "and has applied", driver.(*database.Stub).MigrationSequence)
	}
}
PROGRAM
cat before.out >>out
seen "yoyo first third" "yoyo first third second" "golang-migrate of [1 2 3] says no change and has applied [1 3]" \
    "golang-migrate of [1 2 3 4] says <nil> and has applied [1 3 4]"
