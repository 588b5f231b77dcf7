#!/usr/bin/env bash
# es-hangul 2.4.0 (npm; Toss's) and ez-hangul 0.1.4 (PyPI), beside josa 3.0.1 (npm) and hangeul 0.2.0 (PyPI): Korean particles after a
# number are those of a word that ends in a vowel, whatever the number.
# Expected: the particle goes by how the word is read: 3 is "sam", 10 "sip", 100 "baek", so 3을, 10으로, 100이.
# Seen: 3를, 10로, 100가 from es-hangul, 3를 from ez-hangul, without an error; words of Hangul are right.
. "$(dirname "$0")/lib.sh"
node_program es-hangul@2.4.0 josa@3.0.1 <<'PROGRAM'
import { josa as toss } from "es-hangul";
import { josa } from "josa";
for (const [word, pair, one] of [["서울", "을/를", "을"], ["3", "을/를", "을"], ["10", "으로/로", "으로"], ["100", "이/가", "이"]])
    console.log("es-hangul", toss(word, pair), "josa", josa(`${word}#{${one}}`));
PROGRAM
cp out javascript
python ez-hangul==0.1.4 hangeul==0.2.0 <<'PROGRAM'
from ez_hangul import josa
from hangeul.josa import attach

for word in ("서울", "3", "100"):
    print("ez-hangul", josa(word, "을/를"), "hangeul", attach(word, "을/를"))
PROGRAM
cat javascript >>out
seen "es-hangul 서울을 josa 서울을" "es-hangul 3를 josa 3을" "es-hangul 10로 josa 10으로" "es-hangul 100가 josa 100이" \
    "ez-hangul 서울을 hangeul 서울을" "ez-hangul 3를 hangeul 3을"
