//! What a process has used of the machine, from /proc (proc(5)).
//! Refuses other systems than Linux: there it says nothing.

/// Clock ticks of a second, as Linux shows them to programs.
const TICKS: u64 = 100;

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Microseconds of CPU, its own and the system's for it.
    pub cpu_us: u64,
    /// Bytes of memory that it holds now.
    pub rss_bytes: u64,
}

/// What a process has used, as far as the system says.
pub fn used(id: u32) -> Used {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name stands in brackets and may hold anything; the third field is the first behind it.
    let fields: Vec<u64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .map(|f| f.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(10).unwrap_or(&0) + fields.get(11).unwrap_or(&0);
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let kilobytes =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.split_whitespace().next()?.parse().ok());
    Used { cpu_us: ticks * 1_000_000 / TICKS, rss_bytes: kilobytes.unwrap_or(0_u64) * 1024 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_holds_memory() {
        assert!(used(std::process::id()).rss_bytes > 100_000);
        assert_eq!(used(u32::MAX).rss_bytes, 0);
    }
}
