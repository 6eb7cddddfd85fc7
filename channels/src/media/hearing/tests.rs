//! Tests of this.
