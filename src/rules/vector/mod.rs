//! Embeddings.

group! {}
