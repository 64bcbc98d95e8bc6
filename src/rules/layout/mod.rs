//! How the definitions fit together.

group! {
    several_names: Reading;
    conflicting_definitions: Reading;
    dangling_reference: Reading;
    role_inferred: Reading;
    overridden_value: Reading;
}
