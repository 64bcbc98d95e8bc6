"""Judges migrated files with parsers that share no code with dbcfg: PyYAML, ruamel.yaml, tomllib and json.

Standard input is a JSON list of files as tests/migrating/judges.rs tells them. What is wrong is written to standard
output; its last line is `judged` if nothing is.
"""

import json
import re
import sys
import urllib.parse

try:
    import tomllib

    import ruamel.yaml
    import yaml
except ImportError as error:
    sys.exit(print(f"{error}; .ci/test installs python3-yaml and python3-ruamel.yaml (Python 3.11 or later)") or 1)


class Unreadable(Exception):
    """A text that a judge cannot read."""


def pyyaml(text):
    try:
        return list(yaml.safe_load_all(text))
    except Exception as error:
        raise Unreadable(str(error)) from error


def ruamel_rt(text):
    # The reader that keeps comments, as those have who edit such files by script.
    reader = ruamel.yaml.YAML(typ="rt")
    reader.allow_duplicate_keys = True
    try:
        return list(reader.load_all(text))
    except Exception as error:
        raise Unreadable(str(error)) from error


def toml(text):
    try:
        return [tomllib.loads(text.removeprefix("\ufeff"))]
    except Exception as error:
        raise Unreadable(str(error)) from error


def json_(text):
    try:
        return [json.loads(text.removeprefix("\ufeff"))]
    except Exception as error:
        raise Unreadable(str(error)) from error


def env(text):
    # Only lines count here: names may change, what stands behind them may not.
    lines = [line for line in text.splitlines() if re.match(r"(export\s+)?\w+\s*=", line)]
    return [{f"{index}": line.split("=", 1)[1] for index, line in enumerate(lines)}]


JUDGES = {
    "yaml": [pyyaml, ruamel_rt],
    "toml": [toml],
    "json": [json_],
    "env": [env],
}


def plain(data):
    """Data as JSON could hold it, with the types told apart: 1, 1.0, "1" and true are four things."""
    if isinstance(data, dict):
        return {str(key): plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [plain(value) for value in data]
    if isinstance(data, bool) or data is None:
        return data
    if isinstance(data, int):
        return ["int", int(data)]
    if isinstance(data, float):
        return ["float", repr(float(data))]
    return str(data) if isinstance(data, str) else ["other", str(data)]


def intended(data, judge):
    """Intended data; what only a parser knows (`yes`, 0600) is asked of the one that judges."""
    if isinstance(data, dict):
        if list(data) == ["\0plain"]:
            # On its own line a text of a file is what it is as a value.
            return plain(judge("a: " + data["\0plain"])[0]["a"])
        return {key: intended(value, judge) for key, value in data.items()}
    if isinstance(data, list):
        return [intended(value, judge) for value in data]
    return plain(data)


def leaves(data, path=()):
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and not (len(data) == 2 and data[0] in ("int", "float", "other")):
        for value in data:
            yield from leaves(value, path)
    else:
        yield path, json.dumps(data), data


def keys(data):
    return {str(key) for path, _, _ in leaves(data) for key in path}


# Keys that a migration gives another name, or has no use for; everything else is carried along.
RENAMED = re.compile(
    # Fields with what they belong to: `db_host`, `vector_postgres_database`.
    r"(db|database|postgres|mlflow_postgres|vector_postgres)_"
    r"(host|port|name|database|user|username|password|ur[il]|path|fallback_name|connect_timeout|command_timeout"
    r"|ssl_mode|ssl_cert_path|pool_size|pool_timeout|pool_recycle|max_overflow|max_retries|retry_delay)"
    # Fields on their own.
    r"|user|name|dbname|hostname|passwd|ur[il]|dsn|connection_string|sslmode|sslMode|connectTimeout|connection_timeout"
    r"|connection_pool|connection_pool_size|pool_size|pool_timeout|pool_recycle|pool_pre_ping|prePing|max_size"
    r"|maxConnections|max_retries|retry_delay|delay|credential_ref|backend_store_uri|primary_database_url"
    r"|replica_database_urls"
    # Sections.
    r"|credentials|integrations|auth_service|primary|secondary|second|app|backup|backup_db|sqlite_backup|postgres"
    r"|postgresql|postgresql_primary|postgres_primary|postgres_std|postgres_mlflow|postgres_vector|app_postgres"
    r"|legacy_app|pgx|mlflow_alt_db|mlflow_postgres|vector_postgres|mlflow_login|vector_login"
)
# Words that a migration may write by itself.
NEW = {"sqlite", "postgresql", "main", "mlflow", "vector"}
# Keys whose value is the name of a section, and that follow it or go away with it.
REFERENCES = {"credential_ref", "alternative", "primary", "fallback"}


def is_part(value, url):
    """Whether a value is a part of a connection string, from one mark of it to another."""
    return any(re.search(rf"(^|[/:@?&=+ ]){re.escape(value)}($|[/:@?&=+ ])", text) for text in url)


def compare_values(before, after, may_drop):
    old = {text: (path, value) for path, text, value in leaves(before)}
    new = {text: (path, value) for path, text, value in leaves(after)}
    urls = [value for _, value in old.values() if isinstance(value, str) and ("://" in value or "dbname=" in value)]
    said = urls + [urllib.parse.unquote(url) for url in urls]
    for text, (path, value) in old.items():
        is_reference = bool(path) and path[-1] in REFERENCES
        has_reference = isinstance(value, str) and re.search(r"\$\{[\w-]+\.[\w.-]+", value)
        is_url = isinstance(value, str) and value in urls
        if text not in new and not (is_reference or has_reference or is_url or may_drop):
            yield f"the value of {'.'.join(map(str, path))} is lost"
    for text, (path, value) in new.items():
        known = value[1] if isinstance(value, list) else value
        is_name = isinstance(known, str) and known.startswith("databases.") and path[-1] in REFERENCES
        if text not in old and not is_name and not is_part(str(known), said) and known not in NEW and "${" not in str(known):
            yield f"the value of {'.'.join(map(str, path))} is made up"
    for key in sorted(keys(before) - keys(after)):
        # Lines of an `.env` file are counted.
        is_allowed = may_drop if key.isdigit() else RENAMED.fullmatch(key)
        if not is_allowed:
            yield f"the key {key} is lost"


def without_secrets(found, wanted, path=()):
    """What was intended, with the variables in the place of passwords that a password may give way to."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        return {key: without_secrets(found.get(key), value, (*path, key)) for key, value in wanted.items()}
    is_password = len(path) > 1 and path[-1] == "password" and "databases" in path
    is_variable = isinstance(found, str) and re.fullmatch(r"\$\{[A-Z][A-Z0-9_]*\}", found)
    return found if is_password and is_variable and isinstance(wanted, str) else wanted


def missing(found, wanted, path=()):
    """The paths at which something is other than it is wanted; there may be more than that."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key, value in wanted.items():
            if key in found:
                yield from missing(found[key], value, (*path, key))
            elif value is not None:
                # A copy leaves out what says nothing.
                yield ".".join((*path, key))
    elif found != wanted:
        yield ".".join(path)


def compare_data(name, item, after, judge):
    wanted = intended(item["new"], judge)
    if item["form"] == "beside":
        old = intended(item["old"], judge)
        # What has its new name already cannot stand beside itself.
        taken = old.get("databases", {})
        copies = {role: data for role, data in wanted.get("databases", {}).items() if role not in taken}
        for which, data in [("old", old), ("new", {"databases": copies})]:
            for path in missing(after[0] if len(after) == 1 else None, data):
                yield f"{name} reads something else at {path} than the {which} text has there"
        return
    if item["form"] == "secrets":
        wanted = without_secrets(after[0] if len(after) == 1 else None, wanted)
    if after != [wanted]:
        yield f"{name} reads {after}, not {wanted}"


def judge(item):
    for judge in JUDGES[item["format"]]:
        name = judge.__name__
        try:
            before = plain(judge(item["before"]))
        except Unreadable as error:
            before = None
            if "old" in item:
                yield f"{name} cannot read what was generated: {error}"
        if "old" in item and before is not None and before != [intended(item["old"], judge)]:
            yield f"{name} reads something else in what was generated: {before}, not {intended(item['old'], judge)}"
        try:
            after = plain(judge(item["after"]))
        except Unreadable as error:
            # Nothing is promised of what stays as it is.
            if before is not None or item["after"] != item["before"]:
                yield f"{name} cannot read it: {error}"
            continue
        if "text" in item and after != plain(judge(item["text"])):
            yield f"{name} reads {after}, not {plain(judge(item['text']))}"
        if "new" in item:
            yield from compare_data(name, item, after, judge)
        if "may_drop" in item and before is not None:
            yield from (f"{name}: {what}" for what in compare_values(before, after, item["may_drop"]))
        if "may_drop" in item and before is None and item["after"] != item["before"]:
            yield f"{name} cannot read the old text, so that nobody knows what becomes of it"


# Of a fault that every file shows, a few are enough.
MOST_SHOWN = 8


def main():
    wrong = 0
    for item in json.load(sys.stdin):
        found = list(judge(item))
        if found:
            wrong += 1
        if found and wrong <= MOST_SHOWN:
            print(f"=== {item['name']}\n" + "\n".join(found))
            print(f"--- before\n{item['before']}\n--- after\n{item['after']}")
    print("judged" if wrong == 0 else f"{wrong} files are wrong")
    return wrong > 0


sys.exit(main())
