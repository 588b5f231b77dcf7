#!/usr/bin/env bash
# Alertmanager 0.25 (Debian): deleting a silence that does not exist is a server error (500), deleting one that has expired is a success.
# Expected: GET of the same id says 404; a 5xx is what clients try again.
# Seen: 500 "silence not found"; a client that retries 5xx asks for ever for what can never become right.
. "$(dirname "$0")/lib.sh"
alertmanager
for method in GET DELETE; do
    echo "$method $(send $method silence/00000000-0000-0000-0000-000000000000 | grep --only-matching 'HTTP.*')"
done | tee out
seen "GET HTTP 404" "DELETE HTTP 500"
