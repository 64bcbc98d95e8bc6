//! The same work for many items, on all cores.

use std::panic;
use std::sync::OnceLock;
use std::thread;

/// Items for one thread: below this many, starting threads costs more than they save.
const ITEMS_PER_THREAD: usize = 16;

/// The results of all items, in their order.
pub(super) fn map<Item: Sync, Result: Send>(items: &[Item], work: impl Fn(&Item) -> Result + Sync) -> Vec<Result> {
    let threads = match items.len() / ITEMS_PER_THREAD {
        0 | 1 => 1,
        most => cores().min(most),
    };
    let (own, others) = items.split_at(items.len().div_ceil(threads));
    let all = |items: &[Item]| items.iter().map(&work).collect::<Vec<_>>();
    thread::scope(|scope| {
        let chunks = others.chunks(own.len().max(1));
        let workers: Vec<_> = chunks.map(|chunk| scope.spawn(|| all(chunk))).collect();
        let mut results = all(own);
        results.reserve_exact(others.len());
        for worker in workers {
            // A file that is left out in silence would be worse than the end of the run.
            results.append(&mut worker.join().unwrap_or_else(|panic| panic::resume_unwind(panic)));
        }
        results
    })
}

/// How many threads can run at once. Asked once: the answer stands in several files of the system, and a run may map
/// thousands of short lists.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_stays() {
        for count in [0, 1, 15, 16, 33, 1000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
