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
    r"host|name|connection|user|login|pass|pwd|ssl|tls|cert|timeout|pool|retr|attempt|delay|ur[il]|dsn|db|database|postgres|pg"
    r"|sqlite|mlflow|backup|primary|credential|integration|file|path|dialect|adapter|overflow|min|max|size|redis|auth"
    r"|cache|artifact|experiment|fallback|replica|param|^app$|^std$|^second$|^<<$|recycle|ping|^file$|legacy|^secondary$",
    re.IGNORECASE,
)
# Words that a migration may write by itself.
NEW = {"sqlite", "postgresql", "main", "mlflow", "vector", "require", "disable"}


def compare_values(before, after, may_drop):
    old = {text: (path, value) for path, text, value in leaves(before)}
    new = {text: (path, value) for path, text, value in leaves(after)}
    urls = [value for _, value in old.values() if isinstance(value, str) and ("://" in value or "dbname=" in value)]
    said = " ".join(urls + [urllib.parse.unquote(url) for url in urls])
    for text, (path, value) in old.items():
        is_reference = isinstance(value, str) and any(value.split(".")[-1] == key for key in keys(before))
        has_reference = isinstance(value, str) and "${" in value and "." in value
        is_url = isinstance(value, str) and value in urls
        if text not in new and not (is_reference or has_reference or is_url or may_drop):
            yield f"the value of {'.'.join(map(str, path))} is lost"
    for text, (path, value) in new.items():
        known = value[1] if isinstance(value, list) else value
        is_part = str(known) in said or (isinstance(known, str) and known.startswith("databases."))
        if text not in old and not is_part and known not in NEW and "${" not in str(known):
            yield f"the value of {'.'.join(map(str, path))} is made up"
    for key in sorted(keys(before) - keys(after)):
        # Lines of an `.env` file are counted.
        is_allowed = may_drop if key.isdigit() else RENAMED.search(key)
        if not is_allowed:
            yield f"the key {key} is lost"


def judge(item):
    for judge in JUDGES[item["format"]]:
        name = judge.__name__
        try:
            before = plain(judge(item["before"]))
        except Unreadable as error:
            if "old" in item:
                yield f"{name} cannot read what was generated: {error}"
            continue
        if "old" in item and before != [intended(item["old"], judge)]:
            yield f"{name} reads something else in what was generated: {before}, not {intended(item['old'], judge)}"
        try:
            after = plain(judge(item["after"]))
        except Unreadable as error:
            yield f"{name} cannot read it: {error}"
            continue
        if "text" in item and after != plain(judge(item["text"])):
            yield f"{name} reads {after}, not {plain(judge(item['text']))}"
        if "new" in item and after != [intended(item["new"], judge)]:
            yield f"{name} reads {after}, not {intended(item['new'], judge)}"
        if "may_drop" in item:
            for what in compare_values(before, after, item["may_drop"]):
                yield f"{name}: {what}"


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
