#!/usr/bin/env bash
# cron-utils 9.2.1 against quartz 2.5.0 (Maven): "0 0 22-2 * * ?" of Quartz is every night at 22:00 only.
# Expected: Quartz' own documentation of CronExpression: "22-2 to catch 10 o'clock at night until 2 o'clock in the morning".
# Seen: cron-utils' definition of Quartz takes the range, and none of it but its beginning.
. "$(dirname "$0")/lib.sh"
java_program com.cronutils:cron-utils:9.2.1 org.quartz-scheduler:quartz:2.5.0 <<'PROGRAM'
import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.TimeZone;
import org.quartz.CronExpression;

public class Main {
    public static void main(String[] arguments) throws Exception {
        var line = "0 0 22-2 * * ?";
        var time = ExecutionTime.forCron(new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.QUARTZ)).parse(line));
        var quartz = new CronExpression(line);
        quartz.setTimeZone(TimeZone.getTimeZone("UTC"));
        var one = ZonedDateTime.of(2026, 3, 2, 12, 0, 0, 0, ZoneOffset.UTC);
        var other = one;
        var ones = new StringBuilder("cron-utils");
        var others = new StringBuilder("quartz");
        for (var times = 0; times < 3; times++) {
            one = time.nextExecution(one).get();
            other = quartz.getNextValidTimeAfter(Date.from(other.toInstant())).toInstant().atZone(ZoneOffset.UTC);
            ones.append(" ").append(one.toLocalDateTime());
            others.append(" ").append(other.toLocalDateTime());
        }
        System.out.println(ones + "\n" + others);
    }
}
PROGRAM
seen "cron-utils 2026-03-02T22:00 2026-03-03T22:00 2026-03-04T22:00" "quartz 2026-03-02T22:00 2026-03-02T23:00 2026-03-03T00:00"
