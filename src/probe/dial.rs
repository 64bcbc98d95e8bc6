//! A connection to a host: its name, its addresses, and the first of them that accepts.
