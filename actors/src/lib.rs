//! Runs the rules: supervision, one actor per verification in flight, one per gateway line, recovery.
