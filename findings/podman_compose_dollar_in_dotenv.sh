#!/usr/bin/env bash
# podman-compose 1.6.0 (PyPI) and compose-go v2.16.2 (the library of Docker Compose): one .env file, two values: $HOST is replaced by one
# of them and left as it is by the other, which replaces ${HOST} only.
# Expected: the specification of the .env file says both $VAR and ${VAR} are interpolated in values without single quotes.
# Seen: URL=http://$HOST/ is "http://web/" under compose-go, "http://$HOST/" under podman-compose, without an error.
. "$(dirname "$0")/lib.sh"
cat >.env <<'DOTENV'
HOST=web
PLAIN=http://$HOST/
BRACES=http://${HOST}/
DOTENV
cat >compose.yml <<'COMPOSE'
services: {app: {image: example, environment: {PLAIN: "${PLAIN}", BRACES: "${BRACES}"}}}
COMPOSE
both_composes
seen 'podman-compose PLAIN http://$HOST/' "compose-go PLAIN http://web/" "podman-compose BRACES http://web/" "compose-go BRACES http://web/"
