#!/usr/bin/env bash
# date-holidays 3.37.0 (npm) against holidays 0.109 (PyPI): in South Korea the day before the lunar New Year is a working day, and the day after next a holiday.
# Expected: 관공서의 공휴일에 관한 규정 (the decree on public holidays), article 2: the day before 설날, 설날 and the day after; in 2026 16 to 18 February.
# Seen: three days from 설날 on, 17 to 19 February; those of 추석 are right.
. "$(dirname "$0")/lib.sh"
python holidays==0.109 <<'PROGRAM'
import holidays

korea = holidays.KR(years=2026)
print("holidays", *(f"{day}-{f'2026-{day}' in korea}" for day in ("02-16", "02-17", "02-18", "02-19")))
PROGRAM
mv out before.out
node_program date-holidays@3.37.0 <<'PROGRAM'
import { createRequire } from "node:module";
const loaded = createRequire(import.meta.url)("date-holidays");
const korea = new (loaded.default ?? loaded)("KR");
const told = ["02-16", "02-17", "02-18", "02-19"].map((day) => `${day}-${Boolean(korea.isHoliday(new Date(`2026-${day}T12:00:00+09:00`)))}`);
console.log("date-holidays", ...told);
PROGRAM
cat before.out >>out
seen "holidays 02-16-True 02-17-True 02-18-True 02-19-False" "date-holidays 02-16-false 02-17-true 02-18-true 02-19-true"
