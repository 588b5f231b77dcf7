#!/usr/bin/env bash
# postgres 3.4.9 (npm; Postgres.js), beside pg 8.23.1 (npm), on PostgreSQL 15 (Debian): in Seoul a Date that is read from a timestamp and saved again is nine hours earlier.
# Expected: what is read is what was written, as with pg, which writes and reads a timestamp without a zone as the time of the place.
# Seen: Postgres.js writes the digits of UTC and reads them as local ones, so that every update that saves what it has read moves it by nine hours more.
. "$(dirname "$0")/lib.sh"
postgres
export TZ=Asia/Seoul
node_program postgres@3.4.9 pg@8.23.1 <<'PROGRAM'
import pg from "pg";
import postgres from "postgres";

const client = new pg.Client();
await client.connect();
const sql = postgres();
await sql`CREATE TABLE duties (name text, at timestamp)`;
const begin = new Date("2026-03-02T00:00:00Z");
await sql`INSERT INTO duties VALUES ('postgres', ${begin})`;
await client.query("INSERT INTO duties VALUES ('pg', $1)", [begin]);
for (let time = 1; time < 4; time++) {
  const [{ at }] = await sql`SELECT at FROM duties WHERE name = 'postgres'`;
  const read = (await client.query("SELECT at FROM duties WHERE name = 'pg'")).rows[0].at;
  console.log(time, "postgres", at.toISOString(), "pg", read.toISOString());
  await sql`UPDATE duties SET at = ${at} WHERE name = 'postgres'`;
  await client.query("UPDATE duties SET at = $1 WHERE name = 'pg'", [read]);
}
await sql.end();
await client.end();
PROGRAM
seen "1 postgres 2026-03-01T15:00:00.000Z pg 2026-03-02T00:00:00.000Z" \
    "2 postgres 2026-03-01T06:00:00.000Z pg 2026-03-02T00:00:00.000Z" "3 postgres 2026-02-28T21:00:00.000Z pg 2026-03-02T00:00:00.000Z"
