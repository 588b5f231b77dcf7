#!/usr/bin/env bash
# josa 3.0.1 and cox-postposition 1.4.1 (npm), beside hangeul 0.2.0 and korean-glue 0.1.4 (PyPI): the Korean particle after "50%" is
# the one of 50, as if the sign were not read.
# Expected: "%" is read "peo-sen-teu", which ends in a vowel, whatever the number: 50%를, 50%가, as after the word.
# Seen: 50%을 from josa and cox-postposition, and 5%를: the error rate's particle changes with its last digit.
. "$(dirname "$0")/lib.sh"
node_program josa@3.0.1 cox-postposition@1.4.1 <<'PROGRAM'
import { josa } from "josa";
import * as cox from "cox-postposition";
for (const word of ["50%", "5%", "50퍼센트"]) console.log("josa", josa(`${word}#{을}`), "cox-postposition", cox.put(word, "을"));
PROGRAM
cp out javascript
python hangeul==0.2.0 korean-glue==0.1.4 <<'PROGRAM'
from hangeul.josa import attach
from korean_glue import attach as glue

for word in ("50%", "5%"):
    print("hangeul", attach(word, "을/를"), "korean-glue", glue(word, "을/를"))
PROGRAM
cat javascript >>out
seen "josa 50%을 cox-postposition 50%을" "josa 5%를 cox-postposition 5%를" "josa 50퍼센트를 cox-postposition 50퍼센트를" \
    "hangeul 50%를 korean-glue 50%를"
