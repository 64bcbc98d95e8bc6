//! Calls that block, such as those of files, away from the threads that everything else waits on.

use super::fault::Fault;

/// Runs a call that blocks. Whoever stops waiting leaves it behind: it goes on until it ends by itself.
pub(super) async fn blocking<Output, Call>(call: Call) -> Result<Output, Fault>
where
    Output: Send + 'static,
    Call: FnOnce() -> Result<Output, Fault> + Send + 'static,
{
    match tokio::task::spawn_blocking(call).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Fault::Limitation("a call of the probe broke off".to_owned())),
    }
}
