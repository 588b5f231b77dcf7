#!/usr/bin/env bash
# java.util.logging of Java 17 (Debian; Tomcat's and Jenkins' logger): numbers of a message are written for people who
# read books, and an apostrophe keeps what is behind it from being filled in.
# Expected: as SLF4J, log4j2 and printf do: port 8080, order 1234567890123, "can't reach db-1".
# Seen: "port 8,080", "order 1,234,567,890,123" (with points where the machine speaks German), a duration of 0.00042 s
# is "0", and "cant reach {0}". Who searches Loki for an order finds nothing, a number cut out by a pattern ends at the
# comma, and the host that an alert would name is not in the line.
. "$(dirname "$0")/lib.sh"
cat >Main.java <<'PROGRAM'
import java.util.logging.Level;
import java.util.logging.Logger;

public class Main {
    public static void main(String[] arguments) {
        Logger log = Logger.getLogger("shop");
        log.log(Level.SEVERE, "no answer of {0} on port {1}", new Object[] {"db-1", 8080});
        log.log(Level.SEVERE, "order {0} failed", 1234567890123L);
        log.log(Level.SEVERE, "took {0} s", 0.00042);
        log.log(Level.SEVERE, "can't reach {0}", "db-1");
    }
}
PROGRAM
for language in en de; do
    java -Duser.language=$language -Djava.util.logging.SimpleFormatter.format="$language %5\$s%n" Main.java 2>&1
done | tee out
seen "en no answer of db-1 on port 8,080" "en order 1,234,567,890,123 failed" "en took 0 s" "en cant reach {0}" \
    "de no answer of db-1 on port 8.080" "de order 1.234.567.890.123 failed"
