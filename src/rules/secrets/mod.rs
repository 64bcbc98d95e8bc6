//! Passwords, keys, and who can read them.

group! {
    plaintext_password: Case;
    password_in_url: Case;
    default_password: Case;
    secret_default: Leaf;
    shared_password: Case;
    readable_by_others: Project;
    env_file_not_ignored: Project;
    weak_secret_key: Leaf;
}
