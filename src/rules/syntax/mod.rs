//! How the text is written.

pub mod ambiguous_scalar;
pub mod duplicate_key;
pub mod hostile_input;
pub mod masked_value;
pub mod scrubbed_value;
pub mod unknown_anchor;
pub mod unknown_key;
pub mod unparsable;
pub mod unreadable;
pub mod unsupported_engine;
pub mod unused_suppression;
pub mod wrong_type;

group! {
    unreadable: Reading;
    unparsable: Reading;
    scrubbed_value: Reading;
    unknown_anchor: Reading;
    duplicate_key: Reading;
    unknown_key: Reading;
    wrong_type: Reading;
    ambiguous_scalar: Case;
    unsupported_engine: Reading;
    hostile_input: Reading;
    masked_value: Reading;
    unused_suppression: Control;
}
