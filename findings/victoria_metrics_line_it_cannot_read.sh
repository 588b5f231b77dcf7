#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 beside the Pushgateway 1.5.1 (Debian): a push with a line that cannot be read is a success.
# Expected: 400, as the Pushgateway answers, or a body that says how many lines were taken.
# Seen: 204 without a word; the lines before and after it are kept, that one is in the server's log alone. A job that
# writes "1,5" for one and a half in the locale of its machine pushes for years, and its metric is not there.
. "$(dirname "$0")/lib.sh"
debian prometheus-pushgateway 1.5.1-2+b5
unpacked victoria-metrics 1.79.5+ds1-2+b5
server=127.0.0.1:$(port)
unpacked/usr/bin/victoria-metrics -storageDataPath=series -httpListenAddr="$server" \
    -search.latencyOffset=0s >vm.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "$server/health"
gateway=127.0.0.1:$(port)
prometheus-pushgateway --persistence.file=pushed --web.listen-address="$gateway" >gateway.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "$gateway/-/ready"
printf 'before 1\nload 1,5\nafter 2\n' >page
{
    status() { curl --silent --output answer --write-out '%{http_code}' --data-binary @page "$1"; }
    echo "VictoriaMetrics: $(status "$server/api/v1/import/prometheus"), $(wc --bytes <answer) bytes of answer"
    echo "Pushgateway: $(status "$gateway/metrics/job/backup")"
    curl --silent "$server/internal/force_flush"
    asked() { curl --silent "$server/api/v1/query?nocache=1" --data-urlencode "query=$1" | jq '.data.result | length'; }
    shown() { [ "$(asked after)" = 1 ]; }
    wait_for shown
    for name in before load after; do echo "$name: $(asked $name)"; done
} | tee out
seen "VictoriaMetrics: 204, 0 bytes of answer" "Pushgateway: 400" "before: 1" "load: 0" "after: 1"
