#!/usr/bin/env bash
# Prometheus::Tiny 0.010 (Perl; Debian's libprometheus-tiny-perl) and Prometheus 2.42 (Debian): a help text of two lines, and the target is down.
# Expected: the text format: in HELP a line feed is escaped as \n and a backslash as \\; Net::Prometheus 0.12 (Debian) does so, and Tiny itself in labels.
# Seen: the text is written as it is; its second line is no sample, and the whole page is refused.
. "$(dirname "$0")/lib.sh"
debian libprometheus-tiny-perl 0.010-1
debian libnet-prometheus-perl 0.12-1+b2
mkdir pages
cat >program.pl <<'PROGRAM'
use Net::Prometheus;
use Prometheus::Tiny;

my $text = "Jobs waiting.\nRead at C:\\new.";
my $tiny = Prometheus::Tiny->new;
$tiny->declare("jobs", help => $text, type => "gauge");
$tiny->set("jobs", 3);
open my $page, ">", "pages/metrics";
print $page $tiny->format;
my $other = Net::Prometheus->new(disable_process_collector => 1, disable_perl_collector => 1);
$other->new_gauge(name => "jobs", help => $text)->set(3);
open my $escaped, ">", "escaped";
print $escaped $other->render;
PROGRAM
perl program.pl
scraped
{ sed 's/^/tiny /' pages/metrics; sed 's/^/other /' escaped; } | tee -a out
seen 'down strconv.ParseFloat: parsing "at": invalid syntax' "tiny Read at C:\\new." 'other # HELP jobs Jobs waiting.\nRead at C:\\new.'
