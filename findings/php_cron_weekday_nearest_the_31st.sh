#!/usr/bin/env bash
# dragonmantank/cron-expression 3.3.1 (PHP, Laravel's scheduler; Debian's php-dragonmantank-cron-expression): "0 9 31W * *" is on 3 February, and was on a Sunday.
# Expected: its own DayOfMonthField: W is "the weekday (Monday-Friday) nearest the given day", and does not "'jump' over the boundary of a month's days".
# Seen: in a month without a 31st it is a day of the month's beginning, whatever weekday it is; gronx (Go) takes the months that have a 31st.
. "$(dirname "$0")/lib.sh"
debian php-cli 2:8.2+93
debian php-dragonmantank-cron-expression 3.3.1-2
cat >program.php <<'PROGRAM'
<?php
require "/usr/share/php/Cron/autoload.php";
$cron = new Cron\CronExpression("0 9 31W * *");
echo "next ", $cron->getNextRunDate("2027-02-01 00:00")->format("D Y-m-d"), "\n";
echo "previous ", $cron->getPreviousRunDate("2026-11-28 00:00")->format("D Y-m-d"), "\n";
PROGRAM
php program.php 2>&1 | tee out
seen "next Wed 2027-02-03" "previous Sun 2026-11-01"
