#!/usr/bin/env bash
# toml 0.10.2, beside tomlkit 0.15.2 (PyPI) and Python 3.11's tomllib: the folder D:\x64\bin is written as TOML that cannot be read, and what is read is not what stands there.
# Expected: what dumps() writes is TOML 1.0 and reads as what was written; a ''' string has no escapes; fractions of a second may be cut to milliseconds at most.
# Seen: \x of a value is not escaped, which TOML does not have, and its own loads() refuses; of the share \\x64\tools a backslash is lost without a word. In a ''' string (a
# command over two lines) a backslash at the end joins the lines, and half a second of a time is gone.
. "$(dirname "$0")/lib.sh"
python toml==0.10.2 tomlkit==0.15.2 <<'PROGRAM'
import tomllib

import toml
import tomlkit

for value in (r"D:\x64\bin", r"\\x64\tools"):
    for library in (toml, tomlkit):
        text = library.dumps({"path": value})
        try:
            print(library.__name__, "writes", value, "reads", tomllib.loads(text)["path"])
        except tomllib.TOMLDecodeError as error:
            print(library.__name__, "writes", value, type(error).__name__)
for text in ("command = '''curl \\\n  --fail'''", "at = 07:32:00.5"):
    for library in (toml, tomlkit, tomllib):
        (value,) = library.loads(text).values()
        print(library.__name__, str(value).encode("unicode_escape").decode())
PROGRAM
seen 'toml writes D:\x64\bin TOMLDecodeError' 'toml writes \\x64\tools reads \x64\tools' 'tomlkit writes D:\x64\bin reads D:\x64\bin' \
    'tomlkit writes \\x64\tools reads \\x64\tools' 'toml curl --fail' 'tomllib curl \\\n  --fail' 'toml 07:32:00' 'tomllib 07:32:00.500000'
