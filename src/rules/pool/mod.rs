//! Pools, timeouts and retries.

mod numbers;

group! {
    pool_bounds: Case;
    pool_exceeds_server: Case;
    no_pre_ping: Case;
    transaction_pooler: Case;
    short_timeout: Case;
    no_retry: Case;
}
