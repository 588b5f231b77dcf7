#!/usr/bin/env bash
# fugit 1.5.2 (Ruby; Debian's ruby-fugit; the words of rufus-scheduler, sidekiq-cron and GitLab): "every 90 minutes" is
# every hour, and "every day at 9 and 18:30" is nine o'clock only.
# Expected: the times that were asked for, or no time at all, as it answers to "every other day".
# Seen: 90 minutes become the cron line "0 * * * *", 36 hours "0 0 * * *", 90 seconds each minute, and 15 days the 1st,
# 16th and 31st. The half hour is dropped without a word.
. "$(dirname "$0")/lib.sh"
debian ruby-fugit 1.5.2-1
cat >program.rb <<'PROGRAM'
require "fugit"

["every 90 minutes", "every 36 hours", "every 15 days", "every day at 9 and 18:30", "every other day"].each do |words|
  read = Fugit.parse(words)
  puts "#{words}: #{read ? read.to_cron_s : 'nothing'}"
end
PROGRAM
ruby program.rb 2>&1 | tee out
seen "every 90 minutes: 0 * * * *" "every 36 hours: 0 0 * * *" "every 15 days: 0 0 1,16,31 * *" "every day at 9 and 18:30: 0 9 * * *" \
    "every other day: nothing"
