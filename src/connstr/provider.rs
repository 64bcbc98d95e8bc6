//! Hosts of managed `PostgreSQL` that have rules of their own.
