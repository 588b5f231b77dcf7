#!/usr/bin/env bash
# java.util.logging of Java 17 (Debian; Tomcat's and Jenkins' logger): on a machine that speaks Korean the level is "심각", in German "SCHWERWIEGEND", in Japanese "重大".
# Expected: SEVERE, as logback, log4j and every logger of another language write their levels; a level is a word for programs.
# Seen: SimpleFormatter writes the translated name, in the language that the machine happens to have: a rule that counts SEVERE is silent after a move, or after LANG was set.
. "$(dirname "$0")/lib.sh"
cat >Main.java <<'PROGRAM'
import java.util.logging.Logger;

public class Main {
    public static void main(String[] arguments) {
        Logger.getLogger("shop").severe("no answer");
    }
}
PROGRAM
for language in en ko de ja; do
    echo "$language $(java -Dfile.encoding=UTF-8 -Duser.language=$language Main.java 2>&1 | tail --lines=1)"
done | tee out
seen "en SEVERE: no answer" "ko 심각: no answer" "de SCHWERWIEGEND: no answer" "ja 重大: no answer"
