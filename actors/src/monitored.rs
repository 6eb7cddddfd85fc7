//! Counts what goes to countries that an administrator watches.
//! Refuses to decide: which countries those are, and that they are reached, is the ladder's.

use engine::ladder::COUNTRY_MONITORED;
use engine::timeline::Entry;
use metrics::counter;

/// Counts the rungs of a verification that begins, by country.
pub fn count(notes: &[Entry]) {
    for note in notes.iter().filter(|note| note.what == COUNTRY_MONITORED) {
        let country = note.detail.as_deref().unwrap_or_default().to_owned();
        counter!("countersign_country_monitored_total", "country" => country).increment(1);
    }
}
