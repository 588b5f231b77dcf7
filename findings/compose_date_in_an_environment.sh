#!/usr/bin/env bash
# compose-go v2.16.2 (the library of Docker Compose): `RELEASED: 2026-01-01` under `environment:` reaches the container as "2026-01-01 00:00:00 +0000 UTC".
# Expected: an environment variable holds what was written; the specification asks for quotes around true, false, yes and no only.
# Seen: the YAML date goes through Go's time and comes out in Go's own form, which no date parser of a program expects.
. "$(dirname "$0")/lib.sh"
cat >compose.yml <<'COMPOSE'
services:
  app:
    image: example
    environment:
      RELEASED: 2026-01-01
      VERSION: 1.50
COMPOSE
compose_go
seen "compose-go RELEASED 2026-01-01 00:00:00 +0000 UTC" "compose-go VERSION 1.5"
