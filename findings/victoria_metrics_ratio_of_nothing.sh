#!/usr/bin/env bash
# VictoriaMetrics 1.79.5 beside Prometheus 2.42 (Debian): of a service without requests absent(errors / requests) fires in
# one and not in the other, and the mean over services is a number in one and NaN in the other.
# Expected: one answer, as the expression is PromQL and both tell of the same series.
# Seen: 0/0 is a sample in Prometheus (NaN) and none at all in VictoriaMetrics. A rule for missing metrics that is moved
# there calls somebody each night in which nobody buys; a mean that had no value there has one here. `x < bool 1` and
# count() differ alike, and round() of -2.5 is -2 and -3.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
unpacked victoria-metrics 1.79.5+ds1-2+b5
victoria=127.0.0.1:$(port)
prometheus=127.0.0.1:$(port)
page=127.0.0.1:$(port)
mkdir pages
printf 'errors{service="%s"} %s\nrequests{service="%s"} %s\n' shop 4 shop 8 mail 0 mail 0 >pages/metrics
python3 -m http.server --bind 127.0.0.1 --directory pages "${page#*:}" >pages.log 2>&1 &
pids+=($!)
echo "{global: {scrape_interval: 1s}, scrape_configs: [{job_name: page, static_configs: [{targets: ['$page']}]}]}" >scrape.yml
prometheus --config.file=scrape.yml --storage.tsdb.path=series --web.listen-address="$prometheus" >prometheus.log 2>&1 &
pids+=($!)
unpacked/usr/bin/victoria-metrics -storageDataPath=vm -promscrape.config=scrape.yml -httpListenAddr="$victoria" \
    -search.latencyOffset=0s >vm.log 2>&1 &
pids+=($!)
# asked SERVER QUERY: the values.
asked() {
    curl --silent "$1/api/v1/query?nocache=1" --data-urlencode "query=$2" |
        jq --raw-output '[.data.result[].value[1]] | if . == [] then "nothing" else join(" ") end'
}
scraped_by() { asked "$1" 'count(requests)' | grep --quiet '^2$'; }
for server in "$victoria" "$prometheus"; do wait_for scraped_by "$server"; done
for query in 'absent(errors{service="mail"} / requests)' 'avg(errors / requests)' 'count(errors / requests)' \
    'round(vector(-2.5))'; do
    echo "$query: Prometheus $(asked "$prometheus" "$query"), VictoriaMetrics $(asked "$victoria" "$query")"
done | tee out
seen 'absent(errors{service="mail"} / requests): Prometheus nothing, VictoriaMetrics 1' \
    'avg(errors / requests): Prometheus NaN, VictoriaMetrics 0.5' 'count(errors / requests): Prometheus 2, VictoriaMetrics 1' \
    'round(vector(-2.5)): Prometheus -2, VictoriaMetrics -3'
