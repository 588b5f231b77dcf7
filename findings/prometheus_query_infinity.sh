#!/usr/bin/env bash
# prometheus-query 3.5.1 (npm) on Prometheus 2.42 (Debian): a sample of "+Inf" arrives as NaN.
# Expected: Prometheus' HTTP API: "JSON does not support special float values such as NaN, Inf, and -Inf, so sample values are transferred as quoted JSON strings"; a client turns them back.
# Seen: a ratio over nothing (errors / 0) is infinite on the server, and NaN, which is above no threshold, for whoever asks through the library.
. "$(dirname "$0")/lib.sh"
debian prometheus 2.42.0+ds-5+deb12u1
echo '{}' >prometheus.yml
listen=$(port)
prometheus --config.file=prometheus.yml --storage.tsdb.path=series --web.listen-address="127.0.0.1:$listen" >prometheus.log 2>&1 &
pids+=($!)
wait_for curl --silent --fail "127.0.0.1:$listen/-/ready"
export SERVER=http://127.0.0.1:$listen
node_program prometheus-query@3.5.1 <<'PROGRAM'
import { PrometheusDriver } from "prometheus-query";
const client = new PrometheusDriver({ endpoint: process.env.SERVER });
const { result } = await client.instantQuery("vector(1) / 0");
console.log("client", result[0].value.value, "above 5:", result[0].value.value > 5);
const answer = await (await fetch(`${process.env.SERVER}/api/v1/query?query=vector(1)/0`)).json();
console.log("server", answer.data.result[0].value[1]);
PROGRAM
seen "client NaN above 5: false" "server +Inf"
