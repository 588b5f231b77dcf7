#!/usr/bin/env bash
# podman-compose 1.6.0 (PyPI) and compose-go v2.16.2 (the library of Docker Compose): values of `environment:` written without quotes
# reach the container as different texts.
# Expected: the compose specification is one; 12:30 is a text and 1e3 a number in YAML 1.2.
# Seen: podman-compose reads YAML 1.1: 12:30 becomes 750 (base 60), 1e3 stays; compose-go keeps 12:30 and writes 1e3 as 1000.
. "$(dirname "$0")/lib.sh"
cat >compose.yml <<'COMPOSE'
services:
  app:
    image: example
    environment:
      HANDOVER: 12:30
      LIMIT: 1e3
COMPOSE
both_composes
seen "podman-compose HANDOVER 750" "compose-go HANDOVER 12:30" "podman-compose LIMIT 1e3" "compose-go LIMIT 1000"
