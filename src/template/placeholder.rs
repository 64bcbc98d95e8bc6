//! Placeholders: what only stands where a value will be put.

/// Whether a text only stands where a value will be put: `<DB_HOST>`, `[PASSWORD]`, `YOUR_PASSWORD_HERE`, `CHANGE_ME`,
/// `REMOVED_PASSWORD`, `***REMOVED***`, `{{ host }}`, `<<MANAGED_BY_CONNECTION_POOL>>`.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let enclosed = [("<<", ">>"), ("<", ">"), ("[", "]"), ("***", "***"), ("__", "__"), ("%", "%")];
    for (open, close) in enclosed {
        if let Some(inner) = text.strip_prefix(open).and_then(|inner| inner.strip_suffix(close)) {
            let is_plain = !inner.is_empty() && inner.chars().all(|c| c.is_ascii_alphanumeric() || " _-.".contains(c));
            // Passwords stand between such signs too; names of what is meant are not written like them.
            return is_plain && !looks_random(inner);
        }
    }
    if let Some(inner) = text.strip_prefix("{{").and_then(|inner| inner.strip_suffix("}}")) {
        return !inner.split(['"', '\'']).skip(1).step_by(2).any(|quoted| !is_template_word(quoted))
            && !looks_random(inner.split(['"', '\'', '|', '(']).next().unwrap_or_default());
    }
    // Most values begin with no letter of these words.
    if !text.starts_with(|c: char| matches!(c.to_ascii_lowercase(), 'c' | 'r' | 't' | 'p' | 'y')) {
        return false;
    }
    let upper = text.to_ascii_uppercase().replace(['-', ' '], "_");
    let word = text.chars().all(|c| c.is_ascii_alphanumeric() || " _-".contains(c));
    let is_upper = !text.bytes().any(|byte| byte.is_ascii_lowercase());
    let plain = ["CHANGE_ME", "CHANGEME", "REPLACE_ME", "TBD", "REDACTED", "PLACEHOLDER"];
    // In small letters it is the database of a list of things to do.
    word && (plain.contains(&upper.as_str())
        || (is_upper && upper == "TODO")
        || (upper.starts_with("YOUR_") && (upper.ends_with("_HERE") || is_upper))
        || (upper.starts_with("REMOVED_") && text.starts_with("REMOVED"))
        || (upper.starts_with("CHANGE_ME_") && is_upper))
}

/// Whether capitals, small letters and digits are mixed within one word.
fn looks_random(text: &str) -> bool {
    text.split([' ', '_', '-', '.']).any(|word| {
        word.bytes().any(|byte| byte.is_ascii_digit())
            && word.bytes().any(|byte| byte.is_ascii_lowercase())
            && word.bytes().any(|byte| byte.is_ascii_uppercase())
    })
}

/// What a template quotes besides values: the name of a lookup, a variable, a number.
fn is_template_word(quoted: &str) -> bool {
    quoted == "env" || quoted.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders() {
        for text in [
            "<DB_HOST>",
            "[PASSWORD]",
            "YOUR_BACKUP_PASSWORD_HERE",
            "CHANGE_ME",
            "REMOVED_PASSWORD",
            "***REMOVED***",
            "{{ x }}",
            "{{ lookup('env', 'DB_PASSWORD') }}",
            "{{ port | default(5432) }}",
            "<<MANAGED_BY_CONNECTION_POOL>>",
            "changeme",
            "YOUR-PROJECT-REF",
            "TODO",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "localhost",
            "secret",
            "mlflow_password_here",
            "[::1]x",
            "P@ss",
            "",
            "<a&b>",
            "your dog",
            "todo",
            "[S3cr3t]",
            "{{ x | default('s3cret') }}",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
