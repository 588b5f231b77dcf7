#!/usr/bin/env bash
# @discordjs/formatters 0.6.2 (npm; discord.js): escapeMarkdown leaves an address as it is, but not one in angle brackets.
# Expected: the same text for both: Discord's own way to send a link without its preview is <https://…>, and asterisks are left alone in both.
# Seen: every underscore of <https://…> gets a backslash, which is part of the address then.
. "$(dirname "$0")/lib.sh"
node_program @discordjs/formatters@0.6.2 <<'PROGRAM'
import { escapeMarkdown } from "@discordjs/formatters";
for (const text of ["https://grafana.example/d/a_b_c", "<https://grafana.example/d/a_b_c>", "<https://grafana.example/d/a*b>"]) console.log(escapeMarkdown(text));
PROGRAM
seen "https://grafana.example/d/a_b_c" '<https://grafana.example/d/a\_b\_c>' "<https://grafana.example/d/a*b>"
