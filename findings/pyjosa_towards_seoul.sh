#!/usr/bin/env bash
# pyjosa 1.0.3 and korean-glue 0.1.4 (PyPI), beside hangeul 0.2.0 (PyPI): "to Seoul" is 서울으로 in one, "to 7" is 7으로 in the other.
# Expected: after a final ㄹ the particle is 로, by the rules of Korean orthography: 서울로, 7로 ("chil"), 8로 ("pal").
# Seen: pyjosa knows only whether there is a final consonant; korean-glue knows ㄹ of syllables, and not of the digits that it reads.
. "$(dirname "$0")/lib.sh"
python pyjosa==1.0.3 korean-glue==0.1.4 hangeul==0.2.0 <<'PROGRAM'
from hangeul.josa import attach
from korean_glue import attach as glue
from pyjosa.josa import Josa

print("pyjosa", Josa.get_full_string("부산", "으로"), Josa.get_full_string("서울", "으로"))
for word in ("부산", "서울", "6", "7", "8"):
    print("korean-glue", glue(word, "으로/로"), "hangeul", attach(word, "으로/로"))
PROGRAM
seen "pyjosa 부산으로 서울으로" "korean-glue 서울로 hangeul 서울로" "korean-glue 6으로 hangeul 6으로" "korean-glue 7으로 hangeul 7로" \
    "korean-glue 8으로 hangeul 8로"
