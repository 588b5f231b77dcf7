#!/usr/bin/env bash
# micrometer-registry-prometheus 1.14.5 (Maven; Spring Boot's registry): a gauge called license.info with the value 5 is exposed as license_info 1.
# Expected: 5: a gauge has the value that its function gives; the same registry read through Micrometer's own API says 5.
# Seen: a name that ends with .info makes an info metric of any gauge, whose value is always 1: days left, a version, a temperature are lost.
. "$(dirname "$0")/lib.sh"
java_program io.micrometer:micrometer-registry-prometheus:1.14.5 <<'PROGRAM'
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

public class Main {
    public static void main(String[] arguments) {
        var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        for (var name : new String[] {"license.info", "license.days"}) {
            var gauge = Gauge.builder(name, () -> 5).register(registry);
            System.out.println("value of " + name + " is " + gauge.value());
        }
        System.out.println(registry.scrape());
    }
}
PROGRAM
seen "value of license.info is 5.0" "license_info 1" "license_days 5.0"
