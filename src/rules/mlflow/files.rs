//! Whether a store of `MLflow` is on the disk of one machine.

/// Whether a URI or path names a folder, a file or a SQLite database. What is mounted below `/mnt` may be shared.
pub(super) fn is_local(uri: &str) -> bool {
    let uri = uri.trim();
    let lower = uri.to_ascii_lowercase();
    let path = match lower.strip_prefix("file:") {
        Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
        None if lower.starts_with("sqlite:") || lower.starts_with("sqlite+") => return true,
        None => lower.as_str(),
    };
    if path.starts_with("/mnt/") {
        return false;
    }
    lower.starts_with("file:")
        || ["/", "./", "../", "~/", ".\\"].iter().any(|start| path.starts_with(start))
        || path == "mlruns"
        || path.starts_with("mlruns/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_on_one_machine_are_told_from_others() {
        for (uri, expected) in [
            ("./mlruns", true),
            ("mlruns", true),
            ("file:./mlruns", true),
            ("file:///var/lib/mlruns", true),
            ("FILE:/var/lib/mlruns", true),
            ("sqlite:///mlflow.db", true),
            ("/var/lib/mlflow", true),
            ("file:///mnt/shared/mlflow", false),
            ("/mnt/shared/mlflow", false),
            ("s3://bucket/mlflow", false),
            ("https://mlflow.example.com", false),
            ("postgresql://db.example.com/mlflow", false),
            ("databricks", false),
            ("auto_select", false),
            ("mlflow-artifacts:/", false),
            ("dbfs:/mlflow", false),
        ] {
            assert_eq!(is_local(uri), expected, "{uri}");
        }
    }
}
