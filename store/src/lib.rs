//! What must not be lost: the Store trait, SQLite behind it, sealing and the audit chain.
