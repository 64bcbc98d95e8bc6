//! How the definitions fit together.

pub mod conflicting_definitions;
pub mod dangling_reference;
mod forms;
pub mod legacy_layout;
pub mod missing_role;
pub mod mixed_layouts;
pub mod overridden_value;
pub mod role_inferred;
pub mod several_names;
pub mod unused_definition;

group! {
    legacy_layout: Project;
    mixed_layouts: Project;
    several_names: Reading;
    conflicting_definitions: Reading;
    dangling_reference: Reading;
    unused_definition: Reading;
    missing_role: Project;
    role_inferred: Reading;
    overridden_value: Reading;
}
