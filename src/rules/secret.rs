//! What a text says about itself where a secret is expected: that it is none, that everybody knows it, or that it is
//! for development only. The meaning of a key decides whether it is asked at all; texts alone do not tell.

use crate::redact;
use crate::template::is_placeholder;

/// Whether a key can only hold a secret itself. Narrower than [`redact::is_secret_name`], which masks too much rather
/// than too little: `token_limit` and `secret_manager` are no secrets.
pub(super) fn is_key(key: &str) -> bool {
    const ENDS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "_pass",
        "secret",
        "secret_key",
        "secretkey",
        "secret_key_base",
        "secret_id",
        "token",
        "api_key",
        "apikey",
        "access_key",
        "accesskey",
        "private_key",
        "signing_key",
        "encryption_key",
        "jwt_key",
        "auth_key",
        "account_key",
    ];
    /// What a browser gets to see is no secret, whatever it is called.
    const PUBLIC: &[&str] = &["next_public_", "nuxt_public_", "vite_", "react_app_", "expo_public_"];
    if !ends(key, &["ord", "wd", "ase", "ass", "ret", "key", "id", "ken"]) || !redact::is_secret_name(key) {
        return false;
    }
    let key = key.to_ascii_lowercase().replace(['-', '.'], "_");
    (key == "pass" || ENDS.iter().any(|end| key.ends_with(end))) && !PUBLIC.iter().any(|start| key.starts_with(start))
}

/// Whether a key is that of a password, which may be as short as it likes.
pub(super) fn is_password_key(key: &str) -> bool {
    ends(key, &["password", "passwd", "pwd", "pass", "passphrase"])
}

/// Whether a key ends like one of these, whatever its case: a look at a key that costs nothing, since files have many.
pub(super) fn ends(key: &str, ends: &[&str]) -> bool {
    let is_end = |end: &&str| key.len().checked_sub(end.len()).and_then(|at| key.get(at..));
    ends.iter().any(|end| is_end(end).is_some_and(|tail| tail.eq_ignore_ascii_case(end)))
}

/// Whether the text of such a key is the secret itself: not empty, no placeholder, no mask, not encrypted, and no
/// reference to where the secret is kept.
pub(super) fn is_literal(text: &str) -> bool {
    !text.is_empty() && !is_unset(text) && !is_masked(text) && !is_elsewhere(text)
}

/// Whether the literal text of a key can be its secret, and not a switch, a number or a word about it.
pub(super) fn is_secret_of(key: &str, text: &str) -> bool {
    is_literal(text) && (is_password_key(key) || (text.len() >= 8 && !text.contains(' ')))
}

/// Whether a text is encrypted, or names the place where the secret is kept.
pub(super) fn is_elsewhere(text: &str) -> bool {
    const STARTS: &[&str] = &[
        "ENC[",
        "ENC(",
        "enc:",
        "encrypted:",
        "{cipher}",
        "$ANSIBLE_VAULT",
        "vault:",
        "op://",
        "arn:",
        "ref+",
        "ssm:",
        "awsssm:",
        "aws-sm:",
        "secretsmanager:",
        "sm://",
        "gcp-sm:",
        "keyvault:",
        "@Microsoft.KeyVault(",
        "akv:",
        "keyring:",
        "secret:",
        "secret://",
        "file:",
        "env:",
        "doppler:",
        "bws:",
        "kms:",
        "sops:",
        "$(",
        "/run/secrets/",
        "/etc/secrets/",
        "/vault/",
    ];
    STARTS.iter().any(|start| text.starts_with(start))
        || (text.starts_with("projects/") && text.contains("/secrets/"))
        // Templates of other programs.
        || ["{{", "<%", "%("].iter().any(|sign| text.contains(sign))
}

/// Whether nothing but a mask stands there, or what people write where they leave something out.
fn is_masked(text: &str) -> bool {
    let mut characters = text.chars();
    let first = characters.next().unwrap_or_default();
    text.chars().count() >= 3
        && matches!(first, '*' | 'x' | 'X' | '.' | '#' | '\u{2022}')
        && characters.all(|next| next == first)
}

/// Whether a text is a placeholder that names what is to be written in its place, in whatever words.
pub(super) fn is_unset(text: &str) -> bool {
    const NOTHING: &[&str] = &["none", "null", "nil", "undefined", "unset"];
    is_placeholder(text) || NOTHING.iter().any(|word| text.eq_ignore_ascii_case(word)) || is_left_over(text)
}

/// Whether a text says in words that something is to be written in its place: `your_password`, `changethis`.
pub(super) fn is_left_over(text: &str) -> bool {
    let text = words(text);
    let starts = ["your-", "insert-", "enter-", "put-your-", "replace-", "fill-in", "set-me", "placeholder"];
    let ends = ["-here", "-placeholder"];
    let contains = [
        "change-me",
        "changeme",
        "change-this",
        "changethis",
        "change-in-prod",
        "replace-me",
        "replace-with",
        "your-secret",
        "your-super-secret",
        "your-password",
        "yourpassword",
        "yoursecret",
    ];
    text.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '!' | '.'))
        && (starts.iter().any(|start| text.starts_with(start))
            || ends.iter().any(|end| text.ends_with(end))
            || contains.iter().any(|word| begins_word(&text, word)))
}

/// Whether a text says that it is not production's: that of development or of staging.
pub(super) fn is_of_elsewhere(text: &str) -> bool {
    let words = words(text);
    let is_staging = words.starts_with("staging-") || words.starts_with("stage-") || words.ends_with("-staging");
    is_staging || is_of_development(text)
}

/// Whether a text says that it is for development, for tests or for no environment that matters.
pub(super) fn is_of_development(text: &str) -> bool {
    let text = words(text);
    let starts = [
        "dev-", "devel-", "develop", "test-", "testing-", "local-", "insecure", "unsafe", "dummy", "fake-", "demo-",
        "sk-test-",
    ];
    let ends = ["-dev", "-test", "-development", "-insecure"];
    let contains =
        ["not-for-prod", "change-in-prod", "-dev-", "-development-", "insecure", "for-development", "for-testing"];
    starts.iter().any(|start| text.starts_with(start))
        || ends.iter().any(|end| text.ends_with(end))
        || contains.iter().any(|word| text.contains(word))
}

/// Whether a word of a text begins like this.
fn begins_word(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| at == 0 || text[..at].ends_with('-'))
}

/// In small letters, with one sign between words.
fn words(text: &str) -> String {
    text.trim().to_ascii_lowercase().replace(['_', ' '], "-")
}

/// Passwords that images, tutorials and frameworks come with, and the first that anybody tries. Sorted.
const KNOWN: &[&str] = &[
    "000000",
    "111111",
    "123123",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "abc123",
    "admin",
    "admin123",
    "administrator",
    "changeit",
    "database",
    "default",
    "demo",
    "docker",
    "example",
    "foobar",
    "guest",
    "letmein",
    "master",
    "minio",
    "minioadmin",
    "minioadmin123",
    "mlflow",
    "mypassword",
    "mysecret",
    "mysecretpassword",
    "mysql",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "pass123",
    "passw0rd",
    "password",
    "password1",
    "password123",
    "pgpass",
    "pgpassword",
    "postgres",
    "postgres123",
    "postgrespassword",
    "postgresql",
    "qwerty",
    "rabbitmq",
    "redis",
    "root",
    "secret",
    "secret123",
    "secretpassword",
    "supersecret",
    "test",
    "test123",
    "testing",
    "toor",
    "user",
    "welcome",
    "welcome1",
];

/// Whether everybody knows a password: it is a usual one, or the name of the user or of the database.
pub(super) fn is_well_known(password: &str, names: &[Option<&str>]) -> bool {
    let lower = password.to_ascii_lowercase();
    KNOWN.binary_search(&lower.as_str()).is_ok()
        || names.iter().flatten().any(|name| !name.is_empty() && name.eq_ignore_ascii_case(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(judge: impl Fn(&str) -> bool, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(judge(text), "{text}");
        }
        for text in no {
            assert!(!judge(text), "{text}");
        }
    }

    #[test]
    fn keys_of_secrets() {
        check(
            is_key,
            &["DB_PASSWORD", "jwt_secret_key", "AWS_SECRET_ACCESS_KEY", "api-key", "VAULT_TOKEN", "db_pass", "pwd"],
            &[
                "token_limit",
                "TOKENIZER",
                "secret_manager",
                "password_file",
                "JWT_ALGORITHM",
                "NEXT_PUBLIC_API_KEY",
                "AWS_ACCESS_KEY_ID",
                "bypass_cache",
            ],
        );
    }

    #[test]
    fn literal_secrets() {
        check(
            is_literal,
            &["hunter2", "secure_pass", "p@ss:word", "xkcd", "file", "postgres", "Xx12"],
            &[
                "",
                "<PASSWORD>",
                "CHANGE_ME",
                "changeme",
                "your_password",
                "mlflow_password_here",
                "********",
                "xxxxx",
                "...",
                "ENC[AES256_GCM,data:x]",
                "vault:secret/data/db#password",
                "op://vault/item/password",
                "arn:aws:secretsmanager:us-east-1:123456789012:secret:x",
                "{{ lookup('env', 'X') }}y",
                "%(DB_PASSWORD)s",
                "$(cat /run/secrets/x)",
                "projects/1/secrets/x/versions/latest",
                "/run/secrets/x",
            ],
        );
    }

    #[test]
    fn placeholders_in_words() {
        check(
            is_unset,
            &[
                "your-super-secret-key-here",
                "change-me-in-production",
                "changeme123",
                "staging-secret-key-change-in-production",
                "<SECRET>",
                "replace_with_a_random_value",
            ],
            &["hunter2", "there", "secret", "heretic", "exchange-message"],
        );
    }

    #[test]
    fn secrets_of_development() {
        check(
            is_of_development,
            &[
                "dev-secret-key-not-for-production",
                "test_key",
                "staging-secret-key-change-in-production",
                "django-insecure-abc",
                "my-dev-key",
                "sk_test_51H",
            ],
            &["devote9", "hunter2", "latest-key", "production-key", "contest"],
        );
    }

    #[test]
    fn secrets_of_staging_are_not_of_production() {
        check(is_of_elsewhere, &["staging_pass", "key-staging", "dev-key"], &["stagecoach", "production_pass"]);
        check(is_of_development, &["dev_pass"], &["staging_pass"]);
    }

    #[test]
    fn known_passwords() {
        assert!(KNOWN.is_sorted());
        for (password, user, expected) in [
            ("postgres", None, true),
            ("Password", None, true),
            ("app_user", Some("app_user"), true),
            ("secure_pass", Some("app"), false),
            ("", Some(""), false),
        ] {
            assert_eq!(is_well_known(password, &[user]), expected, "{password}");
        }
    }
}
