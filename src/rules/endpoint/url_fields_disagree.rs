//! `url-fields-disagree`: met while reading.

rule! {
    /// A URL and the fields beside it that say different things.
    "url-fields-disagree": Endpoint, Error
}
