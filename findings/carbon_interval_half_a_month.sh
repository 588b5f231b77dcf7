#!/usr/bin/env bash
# Carbon 2.65.0 (PHP; Debian's php-nesbot-carbon; Laravel's dates): CarbonInterval::fromString("1.5mo") is one month, "1.5y" one year, and "P1M" one minute.
# Expected: the half as well, as for "1.5w" and "1.5d"; P1M is a month (ISO 8601, and CarbonInterval::make of the same text), or the exception for what is no interval.
# Seen: fractions of months and years are dropped, and the P of ISO 8601 is, too, so that its M is a minute; none of it raises.
. "$(dirname "$0")/lib.sh"
debian php-cli 2:8.2+93
debian php-nesbot-carbon 2.65.0-1+deb12u1
cat >program.php <<'PROGRAM'
<?php
error_reporting(0);
require "/usr/share/php/Carbon/autoload.php";
foreach (["1.5d", "1.5w", "1.5mo", "1.5y", "P1M"] as $text) {
    echo $text, " ", Carbon\CarbonInterval::fromString($text)->spec(), "\n";
}
echo "make P1M ", Carbon\CarbonInterval::make("P1M")->spec(), "\n";
PROGRAM
php program.php | tee out
seen "1.5d P1DT12H" "1.5w P10DT12H" "1.5mo P1M" "1.5y P1Y" "P1M PT1M" "make P1M P1M"
