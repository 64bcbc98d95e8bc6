//! Tables of what connections come down to, and psql as the judge of the same.

mod demands;
mod listener;
mod psql;
mod scene;
mod tables;
