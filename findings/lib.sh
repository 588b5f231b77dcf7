# Shared by the findings: a temporary folder, pinned packages in it, and the verdict. Sourced, never run.
set -euo pipefail
export LC_ALL=C.UTF-8 TZ=UTC
dir=$(mktemp -d)
chmod 755 "$dir"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
    chmod -R u+w "$dir" && rm -rf "$dir"
}
trap finish EXIT
cd "$dir"

# python PACKAGE==VERSION … <<'PROGRAM': wheels into a new environment, then the program of standard input; its output is kept.
python() {
    cat >program.py
    python3 -m venv env
    env/bin/pip install --quiet --disable-pip-version-check --only-binary :all: "$@"
    env/bin/python -W ignore program.py 2>&1 | tee out
}

# golang MODULE@VERSION … <<'PROGRAM': a module that asks for exactly these, then the program of standard input.
golang() {
    cat >main.go
    export GOFLAGS=-mod=mod
    go mod init finding 2>/dev/null
    go get "$@" 2>/dev/null
    go mod tidy 2>/dev/null
    go run . 2>&1 | tee out
}

# node_program PACKAGE@VERSION … <<'PROGRAM'
node_program() {
    cat >program.mjs
    npm init --yes >/dev/null
    npm install --silent --no-audit --no-fund --ignore-scripts "$@" >/dev/null
    node program.mjs 2>&1 | tee out
}

# debian PACKAGE VERSION: the finding is about this version; another one is said, and looked at all the same.
debian() {
    local has
    has=$(dpkg-query --show --showformat '${Version}' "$1" 2>/dev/null) || {
        apt-get install --yes --no-install-recommends "$1" >apt.log 2>&1 || { cat apt.log; exit 2; }
        has=$(dpkg-query --show --showformat '${Version}' "$1")
    }
    [ "$has" = "$2" ] || echo "$1: seen with $2, this is $has"
}

# port: a free port of loopback.
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for COMMAND …: until it succeeds, 30 s at most.
wait_for() {
    for _ in $(seq 300); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    echo "did not come: $*"
    exit 2
}

# seen TEXT …: each stands in the output as a whole line, or the behaviour is gone.
seen() {
    for line in "$@"; do
        grep --quiet --line-regexp --fixed-strings -- "$line" out || { echo "NO LONGER SEEN: $line"; exit 1; }
    done
    echo "SEEN"
}
