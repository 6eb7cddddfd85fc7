//! A value that must not be seen: wiped on drop, without `Debug`, `Display` or serialisation of its content.
//! Refuses to be printed.

use std::fmt;
use zeroize::Zeroize;

/// A secret. Reach the value with [`Secret::expose`], which is the word to look for in a review.
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Never log it, never put it into an error.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Writes the word `Secret` and nothing of the value, so that a struct around it can still be debugged.
impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
