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

# rust CRATE@VERSION … <<'PROGRAM': a program that depends on exactly these.
rust() {
    local crate
    cargo init --quiet --vcs none --name finding .
    for crate in "$@"; do cargo add --quiet "${crate/@/@=}" 2>/dev/null; done
    cat >src/main.rs
    cargo run --quiet 2>&1 | tee out
}

# java_program GROUP:ARTIFACT:VERSION … <<'PROGRAM': the class Main of one file, with these and what they need; what libraries log is left out.
java_program() {
    local group artifact version
    cat >Main.java
    {
        echo "<project><modelVersion>4.0.0</modelVersion><groupId>f</groupId><artifactId>f</artifactId><version>1</version><dependencies>"
        for each in "$@"; do
            IFS=: read -r group artifact version <<<"$each"
            echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId><version>$version</version></dependency>"
        done
        echo "</dependencies></project>"
    } >pom.xml
    mvn --quiet --batch-mode dependency:copy-dependencies -DoutputDirectory=jars >maven.log 2>&1 || { cat maven.log; exit 2; }
    java -cp 'jars/*' Main.java 2>java.log | tee out
}

# sprig <<'TEMPLATES': each line as text/template alone and with sprig's functions make it of one alert.
sprig() {
    cat >templates
    golang github.com/Masterminds/sprig/v3@v3.3.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"
	"text/template"
	"unicode/utf8"

	"github.com/Masterminds/sprig/v3"
)

func render(text string, functions template.FuncMap) string {
	made, err := template.New("").Funcs(functions).Parse(text)
	if err != nil {
		return "is unknown"
	}
	var out strings.Builder
	if made.Execute(&out, map[string]any{"status": "503", "summary": "한글 알림", "seconds": 3661}) != nil {
		return "fails"
	}
	if !utf8.ValidString(out.String()) {
		return "is a broken text"
	}
	return "is " + out.String()
}

func main() {
	read, _ := os.ReadFile("templates")
	for _, text := range strings.Split(strings.TrimSpace(string(read)), "\n") {
		fmt.Println(text, "built in", render(text, nil))
		fmt.Println(text, "with sprig", render(text, sprig.TxtFuncMap()))
	}
}
PROGRAM
}

# compose_go: the environment of the service app in compose.yml, with .env where there is one.
compose_go() {
    golang github.com/compose-spec/compose-go/v2@v2.16.2 <<'PROGRAM'
package main

import (
	"context"
	"fmt"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	options, _ := cli.NewProjectOptions([]string{"compose.yml"}, cli.WithName("finding"), cli.WithEnvFiles(), cli.WithDotEnv)
	project, err := options.LoadProject(context.Background())
	if err != nil {
		panic(err)
	}
	for name, value := range project.Services["app"].Environment {
		fmt.Println("compose-go", name, *value)
	}
}
PROGRAM
}

# both_composes: the same by podman-compose and by compose-go.
both_composes() {
    python podman-compose==1.6.0 <<'PROGRAM'
import subprocess
import sys

import yaml

command = [sys.executable, "-m", "podman_compose", "-f", "compose.yml", "config"]
text = subprocess.run(command, capture_output=True, text=True).stdout
for name, value in yaml.safe_load(text)["services"]["app"]["environment"].items():
    print("podman-compose", name, value)
PROGRAM
    mv out podman.out
    compose_go
    cat podman.out >>out
}

# prometheus_parser: what Prometheus' own parser takes, of the lines of the file queries; beside what is in out already.
prometheus_parser() {
    mv out before.out
    golang github.com/prometheus/prometheus@v0.316.0 <<'PROGRAM'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	queries, _ := os.ReadFile("queries")
	for _, query := range strings.Split(strings.TrimSpace(string(queries)), "\n") {
		word := "takes"
		if _, err := parser.NewParser(parser.Options{}).ParseExpr(query); err != nil {
			word = "refuses"
		}
		fmt.Println("server", word, query)
	}
}
PROGRAM
    cat before.out >>out
}

# promtool_tests <<'TEST': a test of rules.yml by Debian's promtool.
promtool_tests() {
    debian prometheus 2.42.0+ds-5+deb12u1
    cat >test.yml
    promtool test rules test.yml 2>&1 | tee out
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

# unpacked PACKAGE VERSION: exactly this one of Debian, into the folder unpacked, not installed.
unpacked() {
    apt-get download "$1=$2" >apt.log 2>&1 || { cat apt.log; exit 2; }
    dpkg-deb --extract "$1"_*.deb unpacked
}

# scraped: what Debian's Prometheus makes of the file pages/metrics, as health of the target, its error, and the series (job, up and scrape_* aside).
scraped() {
    debian prometheus 2.42.0+ds-5+deb12u1
    local page listen
    page=$(port)
    listen=$(port)
    python3 -m http.server --bind 127.0.0.1 --directory pages "$page" >pages.log 2>&1 &
    pids+=($!)
    echo "{global: {scrape_interval: 1s}, scrape_configs: [{job_name: page, static_configs: [{targets: ['127.0.0.1:$page']}]}]}" >prometheus.yml
    prometheus --config.file=prometheus.yml --storage.tsdb.path=series --web.listen-address="127.0.0.1:$listen" >prometheus.log 2>&1 &
    pids+=($!)
    wait_for eval "curl --silent 127.0.0.1:$listen/api/v1/targets | grep --quiet --extended-regexp '\"health\":\"(up|down)\"'"
    sleep 2
    {
        curl --silent "127.0.0.1:$listen/api/v1/targets" | jq --raw-output '.data.activeTargets[] | "\(.health) \(.lastError)"'
        curl --silent --get "127.0.0.1:$listen/api/v1/query" --data-urlencode 'query={job="page",__name__!~"up|scrape_.*"}' |
            jq --raw-output '.data.result[] | "\(.metric | del(.job, .instance) | tojson) \(.value[1])"'
    } | sed "s/127.0.0.1:$page/page/g" | tee out
}

# systemd_cron <<'CRONTAB': lines of /etc/crontab, and the OnCalendar= of the timer that systemd-cron's generator makes of each; the package is unpacked, not
# installed, since it would take the place of cron.
systemd_cron() {
    cat >crontab
    unpacked systemd-cron 1.15.19-5
    python3 - <<'GENERATOR' | tee out
import importlib.machinery
import itertools
import os
import pathlib

made = importlib.machinery.SourceFileLoader("generator", "unpacked/lib/systemd/system-generators/systemd-crontab-generator").load_module()
made.log = lambda *_: None
made.TARGET_DIR, made.TIMERS_DIR = "units", "units/wants"
os.makedirs(made.TIMERS_DIR)
for number, job in enumerate(made.parse_crontab("crontab", withuser=True)):
    made.generate_timer_unit(job, seq=itertools.count(number))
    timer = pathlib.Path(f"units/cron-crontab-root-{number}.timer")
    lines = timer.read_text().splitlines() if timer.exists() else ["OnCalendar=no timer"]
    print(" ".join(job["l"].split()[:5]), *(line.removeprefix("OnCalendar=") for line in lines if line.startswith("OnCalendar=")), sep=": ")
GENERATOR
}

# port: a free port of loopback.
port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# wait_for COMMAND …: until it succeeds, 60 s or so at most.
wait_for() {
    for _ in $(seq 600); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
    echo "did not come: $*"
    exit 2
}

# alertmanager: Debian's, on loopback with alertmanager.yml, or one that sends nothing; $api is its address, HOOK in the file that of a receiver whose bodies
# are kept in hook.log, one a line.
alertmanager() {
    debian prometheus-alertmanager 0.25.0-1+b4
    local listen hook
    listen=$(port)
    hook=$(port)
    [ -e alertmanager.yml ] || echo '{route: {receiver: none}, receivers: [{name: none}]}' >alertmanager.yml
    cat >hook.py <<'RECEIVER'
import http.server
import sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        print(self.rfile.read(int(self.headers["content-length"])).decode().strip(), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
RECEIVER
    python3 hook.py "$hook" >hook.log &
    pids+=($!)
    sed -i "s/HOOK/127.0.0.1:$hook/" alertmanager.yml
    prometheus-alertmanager --config.file=alertmanager.yml --storage.path=data --web.listen-address="127.0.0.1:$listen" \
        --cluster.listen-address= >alertmanager.log 2>&1 &
    pids+=($!)
    api=http://127.0.0.1:$listen/api/v2
    wait_for curl --silent --fail "http://127.0.0.1:$listen/-/ready"
}

# send METHOD PATH [BODY]: what the API answers, and its status.
send() {
    curl --silent --max-time 20 --write-out ' HTTP %{http_code}\n' --request "$1" --header 'content-type: application/json' ${3:+--data "$3"} "$api/$2"
}

# postgres: Debian's server 15 on loopback, for PGHOST, PGPORT, PGUSER, PGDATABASE.
postgres() {
    debian postgresql-15 15.18-0+deb12u1
    local bin=/usr/lib/postgresql/15/bin
    export PGHOST=127.0.0.1 PGUSER=postgres PGDATABASE=postgres PGPORT
    PGPORT=$(port)
    install --directory --owner postgres server
    runuser --user postgres -- $bin/initdb --auth=trust --username=postgres --pgdata=server >initdb.log
    runuser --user postgres -- $bin/postgres -D server -h 127.0.0.1 -p "$PGPORT" -k "$dir/server" >server.log 2>&1 &
    pids+=($!)
    wait_for $bin/pg_isready
}

# discord_asked: the module of that name, whose ask() puts discord.py before a server on loopback.
discord_asked() {
    cat >discord_asked.py <<'MODULE'
import discord
from aiohttp import web
from discord.http import Route


async def ask(answers, path, times=1, **settings):
    """Log in against a server on loopback that gives these answers in turn, ask, and tell what came of it."""
    asked = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked
        if request.path.endswith("/users/@me"):
            body = b'{"id":"1","username":"bot","discriminator":"0","avatar":null,"bot":true}'
            return web.Response(body=body, headers={"Content-Type": "application/json"})
        asked += 1
        status, headers = answers[min(asked, len(answers)) - 1]
        body = b'{"message":"text","code":0,"retry_after":0.1}'
        return web.Response(status=status, body=body, headers={"Content-Type": "application/json", **headers})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    Route.BASE = f"http://127.0.0.1:{runner.addresses[0][1]}"
    client = discord.Client(intents=discord.Intents.none(), **settings)
    results = []
    async with client:
        await client.http.static_login("token")
        for _ in range(times):
            try:
                await client.http.request(Route("POST", path, channel_id=1), json={})
                results.append("answered")
            except Exception as error:
                results.append(type(error).__name__)
    await runner.cleanup()
    return results, asked
MODULE
}

# seen TEXT …: each stands in the output as a whole line, or the behaviour is gone.
seen() {
    for line in "$@"; do
        grep --quiet --line-regexp --fixed-strings -- "$line" out || { echo "NO LONGER SEEN: $line"; exit 1; }
    done
    echo "SEEN"
}
