//! Pools, timeouts and retries.

group! {}
