#!/usr/bin/env bash
# pydantic-settings 2.16.3 (PyPI): the keys of a table that comes from nested variables are in small letters, and those of the same table
# as JSON are as written; both at once make two entries.
# Expected: OWNERS__Payment_API=minji sets the owner of Payment_API: names of fields know no case (case_sensitive=False), keys are data.
# Seen: the owner of payment_api is set; that of Payment_API is still jun, and nobody is told.
. "$(dirname "$0")/lib.sh"
python pydantic-settings==2.16.3 <<'PROGRAM'
import os
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__")
    owners: dict[str, str] = {}

os.environ["OWNERS"] = '{"Payment_API": "jun"}'
print("json", sorted(Settings().owners.items()))
os.environ["OWNERS__Payment_API"] = "minji"
print("both", sorted(Settings().owners.items()))
del os.environ["OWNERS"]
print("nested", sorted(Settings().owners.items()))
PROGRAM
seen "json [('Payment_API', 'jun')]" "both [('Payment_API', 'jun'), ('payment_api', 'minji')]" "nested [('payment_api', 'minji')]"
