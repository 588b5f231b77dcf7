#!/usr/bin/env bash
# Markdown 3.11.3 (PyPI; the renderer of MkDocs and of Backstage's TechDocs), beside markdown-it-py 4.3.0 and mistune
# 3.4.0 (PyPI): of a runbook's steps the second is the first, and what is to be done within it is a step of its own.
# Expected: as GitHub, Grafana and the others show it: step 1, a command, step 2 with two parts, step 3.
# Seen: behind the command the numbers begin at 1 again, and the parts, indented by three blanks as most editors do, are
# steps 2 and 3, so that "3. Tell the team" is shown as step 4. "Go back to step 2" leads to another one.
. "$(dirname "$0")/lib.sh"
python Markdown==3.11.3 markdown-it-py==4.3.0 mistune==3.4.0 <<'PROGRAM'
import re

import markdown
import mistune
from markdown_it import MarkdownIt

RUNBOOK = """1. Look at the pool.

```sh
curl localhost:8080/actuator/metrics
```

2. Restart the instances.
   - first the one that hangs
   - then the others
3. Tell the team.
"""


def numbers(html):
    """Return the steps with the numbers that a browser gives to the items of the outer list."""
    number, depth, shown = 0, 0, []
    for tag, start, text in re.findall(r"<(/?ol|/?ul|li)(?: start=\"(\d+)\")?>([^<]*)", html):
        if tag in ("ol", "ul"):
            depth += 1
            number = int(start or 1) - 1 if depth == 1 else number
        elif tag in ("/ol", "/ul"):
            depth -= 1
        elif depth == 1:
            number += 1
            shown.append(f"{number} {text.strip().split()[0]}")
    return ", ".join(shown)


print("Markdown:", numbers(markdown.markdown(RUNBOOK, extensions=["fenced_code"])))
print("markdown-it-py:", numbers(MarkdownIt().render(RUNBOOK)))
print("mistune:", numbers(mistune.html(RUNBOOK)))
PROGRAM
seen "Markdown: 1 Look, 1 Restart, 2 first, 3 then, 4 Tell" "markdown-it-py: 1 Look, 2 Restart, 3 Tell" "mistune: 1 Look, 2 Restart, 3 Tell"
