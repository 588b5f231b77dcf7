#!/usr/bin/env bash
# logback-classic 1.6.6 beside log4j-core 2.26.1 (Maven): with "%d{yyyy-MM-dd HH:mm:ss,SSS}" no line is ever written.
# Expected: 2026-01-02 03:04:05,678, as Log4j writes with this pattern of its manual, and Logback itself with "%d" alone.
# Seen: behind a comma Logback reads a time zone. Nobody is in the zone "SSS": the configuration is given up, a stack
# trace goes to stderr, and the program runs on without a log. "%d{ABSOLUTE}", Log4j's short name for the hour, is taken
# and written with a date, and microseconds ("ss.SSSSSS") are always three digits and 000.
. "$(dirname "$0")/lib.sh"
java_program ch.qos.logback:logback-classic:1.6.6 org.apache.logging.log4j:log4j-core:2.26.1 <<'PROGRAM'
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.impl.Log4jLogEvent;
import org.apache.logging.log4j.core.time.MutableInstant;
import org.apache.logging.log4j.message.SimpleMessage;

public class Main {
    static final String XML = "<configuration><appender name='A' class='ch.qos.logback.core.ConsoleAppender'><encoder>"
            + "<pattern>logback %s %%msg%%n</pattern></encoder></appender><root><appender-ref ref='A'/></root></configuration>";

    static void logback(String pattern) throws Exception {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        var configurator = new JoranConfigurator();
        configurator.setContext(context);
        try {
            configurator.doConfigure(new ByteArrayInputStream(XML.formatted(pattern).getBytes()));
        } catch (RuntimeException error) {
            System.out.println("logback " + pattern + " fails: " + error.getMessage());
        }
        var logger = context.getLogger("shop");
        var at = Instant.parse("2026-01-02T03:04:05.678901Z");
        var event = new ch.qos.logback.classic.spi.LoggingEvent("", logger, ch.qos.logback.classic.Level.ERROR, "failed", null, null);
        event.setInstant(at);
        logger.callAppenders(event);
    }

    static void log4j(String pattern) {
        var at = new MutableInstant();
        at.initFromEpochSecond(Instant.parse("2026-01-02T03:04:05Z").getEpochSecond(), 678901000);
        var layout = org.apache.logging.log4j.core.layout.PatternLayout.newBuilder().withPattern("log4j " + pattern + " %msg").build();
        var event = Log4jLogEvent.newBuilder().setLevel(Level.ERROR).setMessage(new SimpleMessage("failed")).setInstant(at).build();
        System.out.println(layout.toSerializable(event));
    }

    public static void main(String[] arguments) throws Exception {
        for (var pattern : new String[] {"%d{yyyy-MM-dd HH:mm:ss,SSS}", "%d", "%d{ABSOLUTE}", "%d{HH:mm:ss.SSSSSS}"}) {
            logback(pattern);
            log4j(pattern);
        }
    }
}
PROGRAM
seen "logback %d{yyyy-MM-dd HH:mm:ss,SSS} fails: Unknown time-zone ID: SSS" "log4j 2026-01-02 03:04:05,678 failed" \
    "logback 2026-01-02 03:04:05,678 failed" "log4j 03:04:05,678 failed" "logback 03:04:05.678000 failed" "log4j 03:04:05.678901 failed"
[ "$(grep --count '^logback .* failed$' out)" = 3 ] || { echo "NO LONGER SEEN: the line that is not written"; exit 1; }
