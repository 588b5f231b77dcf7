#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 (Debian): of a series with more than 30 labels those behind are left out, and two series that
# differ in these alone become one.
# Expected: the sample is refused, as Prometheus refuses it (label_limit), or the labels that tell series apart stay.
# Seen: the import is answered 204, sum() of two pods is the value of one of them, and `by (pod)` finds none. Labels are
# cut behind the alphabet: "pod", "service" and "zone" go first. Of a pod with the labels of Kubernetes 30 are soon had.
. "$(dirname "$0")/lib.sh"
unpacked victoria-metrics 1.79.5+ds1-2+b5
server=127.0.0.1:$(port)
unpacked/usr/bin/victoria-metrics -storageDataPath=series -httpListenAddr="$server" \
    -search.latencyOffset=0s >vm.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "$server/health"
# series LABELS METRIC: two pods, each with so many labels more; the name of the metric is one as well.
series() {
    local more
    more=$(seq --format='l%02.0f="x"' --separator=, "$1")
    printf '%s{%s,pod="a"} 10\n%s{%s,pod="b"} 20\n' "$2" "$more" "$2" "$more"
}
{ series 10 few; series 30 many; } >page
{
    curl --silent --output answer --write-out 'import: %{http_code}\n' --data-binary @page \
        "$server/api/v1/import/prometheus"
    curl --silent "$server/internal/force_flush"
    asked() {
        curl --silent "$server/api/v1/query?nocache=1" --data-urlencode "query=$1" |
            jq --raw-output ".data.result[]$2"
    }
    shown() { asked few .value[1] | grep --quiet .; }
    wait_for shown
    for name in few many; do
        echo "$name: $(asked "count($name)" '.value[1]') series, the sum is $(asked "sum($name)" '.value[1]')," \
            "pods: $(asked "$name" '.metric.pod // "none"' | sort | tr '\n' ' ')"
    done
} | sed 's/ $//' | tee out
seen "import: 204" "few: 2 series, the sum is 30, pods: a b" "many: 1 series, the sum is 20, pods: none"
