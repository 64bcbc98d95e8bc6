//! How the text is written.

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
