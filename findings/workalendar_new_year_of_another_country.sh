#!/usr/bin/env bash
# workalendar 17.0.0 against holidays 0.109 (PyPI): South Korea's lunar New Year of 2027 and 2028 is a day too early, and no holiday that falls on a Sunday is made up for.
# Expected: 설날 on 7 February 2027 and 27 January 2028: the new moon comes after midnight in Seoul, before it in Beijing; 대체공휴일 since 2014.
# Seen: the dates of China, 6 February 2027 and 26 January 2028, and no substitute on 9 February 2027: somebody is on call alone on a public holiday.
. "$(dirname "$0")/lib.sh"
python workalendar==17.0.0 holidays==0.109 <<'PROGRAM'
from datetime import date

import holidays
from workalendar.asia import SouthKorea

one, other = holidays.KR(years=(2027, 2028)), SouthKorea()
for day in (date(2027, 2, 5), date(2027, 2, 8), date(2027, 2, 9), date(2028, 1, 25), date(2028, 1, 28)):
    print(day, "holidays", day in one, "workalendar", other.is_holiday(day))
PROGRAM
seen "2027-02-05 holidays False workalendar True" "2027-02-08 holidays True workalendar False" "2027-02-09 holidays True workalendar False" \
    "2028-01-25 holidays False workalendar True" "2028-01-28 holidays True workalendar False"
