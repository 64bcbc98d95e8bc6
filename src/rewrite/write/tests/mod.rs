//! Every call of every run fails in turn, or is the last one: files are wholly old or wholly new, what is said of them
//! is true, nothing gets readable, and the next run brings everything in order.

mod faults;
mod interference;
mod outcomes;
mod scene;
