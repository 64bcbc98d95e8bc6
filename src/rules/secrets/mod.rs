//! Passwords, keys, and who can read them.

pub mod default_password;
pub mod env_file_not_ignored;
pub mod password_in_url;
pub mod plaintext_password;
pub mod readable_by_others;
pub mod secret_default;
pub mod shared_password;
pub mod weak_secret_key;

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
