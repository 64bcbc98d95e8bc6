//! Passwords, keys, and who can read them.

group! {
    plaintext_password: Case;
    weak_secret_key: Leaf;
}
