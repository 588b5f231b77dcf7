#!/usr/bin/env bash
# mtail 3.0.0~rc50 (Debian): `seconds = $ms / 1000` of "took 300 ms" is 0.
# Expected: 0.3, as in the query languages that read the metric, or a word of the compiler, which knows the type of $ms
# by its pattern and that the metric is a gauge.
# Seen: \d+ makes $ms an integer, and the division is one of integers: latencies below a second are 0, those of 1900 ms
# are 1, and an alert on 0.5 s never fires. "/ 1000.0" divides.
. "$(dirname "$0")/lib.sh"
unpacked mtail 3.0.0~rc50-1+b6
mkdir programs
cat >programs/took.mtail <<'PROGRAM'
gauge whole by path
gauge divided by path
/(?P<path>\S+) took (?P<ms>\d+) ms/ {
  whole[$path] = $ms / 1000
}
/(?P<path>\S+) took (?P<ms>\d+) ms/ {
  divided[$path] = $ms / 1000.0
}
PROGRAM
printf '/cart took 300 ms\n/pay took 1900 ms\n' >app.log
unpacked/usr/bin/mtail --one_shot --one_shot_format=prometheus --progs programs --logs "$dir/app.log" 2>mtail.log |
    grep --invert-match '^#' | tee out
seen 'whole{path="/cart",prog="took.mtail"} 0' 'divided{path="/cart",prog="took.mtail"} 0.3' \
    'whole{path="/pay",prog="took.mtail"} 1' 'divided{path="/pay",prog="took.mtail"} 1.9'
