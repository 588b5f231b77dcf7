#!/usr/bin/env bash
# gitlab-chronic-duration 0.10.6.2 (Ruby; Debian's ruby-chronic-duration; GitLab's reader of times spent): "half an hour"
# is an hour, and "an hour and a half" an hour and two seconds.
# Expected: 1800 and 5400; or an error, since words are optional ("1.5 hours" is read).
# Seen: 3600 and 3602. "-5m" is five minutes forwards, "1m 1M" two minutes. And of 31 days it writes "1 mo 1 day", with
# weeks "1 mo 3 days": the month has 30 days in one and 28 in the other.
. "$(dirname "$0")/lib.sh"
debian ruby-chronic-duration 0.10.6.2-2
cat >program.rb <<'PROGRAM'
require "gitlab_chronic_duration"

["half an hour", "an hour and a half", "1.5 hours", "-5m"].each { |words| puts "#{words}: #{ChronicDuration.parse(words)}" }
puts "31 days: #{ChronicDuration.output(31 * 86_400)}"
puts "31 days with weeks: #{ChronicDuration.output(31 * 86_400, weeks: true)}"
PROGRAM
ruby program.rb 2>&1 | tee out
seen "half an hour: 3600" "an hour and a half: 3602" "1.5 hours: 5400.0" "-5m: 300" "31 days: 1 mo 1 day" "31 days with weeks: 1 mo 3 days"
