//! How the definitions fit together.

mod forms;

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
