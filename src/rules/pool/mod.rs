//! Pools, timeouts and retries.

pub mod no_pre_ping;
pub mod no_retry;
mod numbers;
pub mod pool_bounds;
pub mod pool_exceeds_server;
pub mod short_timeout;
pub mod transaction_pooler;

group! {
    pool_bounds: Case;
    pool_exceeds_server: Case and Live;
    no_pre_ping: Case;
    transaction_pooler: Case;
    short_timeout: Case;
    no_retry: Case;
}
