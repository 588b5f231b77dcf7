#!/usr/bin/env bash
# micrometer-registry-prometheus 1.14.5 (Maven; Spring Boot's registry): of two gauges with Korean names one is exposed, as "__", and nothing is logged.
# Expected: two series, or an error at the second registration, as there is for other keys of tags.
# Seen: each letter that is not ASCII becomes an underscore, so that names of one length are one name; the second gauge is nowhere.
. "$(dirname "$0")/lib.sh"
java_program io.micrometer:micrometer-registry-prometheus:1.14.5 org.slf4j:slf4j-simple:2.0.17 <<'PROGRAM'
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

public class Main {
    public static void main(String[] arguments) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Gauge.builder("주문", () -> 1).register(registry);
        Gauge.builder("결제", () -> 2).register(registry);
        var lines = registry.scrape().lines().filter(line -> !line.startsWith("#")).toList();
        System.out.println(lines.size() + " series called " + lines.get(0).split(" ")[0]);
        System.out.println(registry.getMeters().size() + " meters");
    }
}
PROGRAM
echo "$(grep --count WARN java.log) warnings" | tee -a out
seen "1 series called __" "2 meters" "0 warnings"
