//! Locks whose data stays usable after a panic elsewhere.
//! They are held for a few lines only, never across an await.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};

/// Takes a lock; what a panicking holder left behind is whole, because every change here is a single step.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A copy of what a read-write lock holds.
pub(crate) fn copy_of<T: Clone>(shared: &RwLock<T>) -> T {
    shared.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Replaces what a read-write lock holds.
pub(crate) fn replace<T>(shared: &RwLock<T>, value: T) {
    *shared.write().unwrap_or_else(PoisonError::into_inner) = value;
}
