//! Figures of the process, under the names that Prometheus clients share.

use prometheus::proto::MetricFamily;

use super::families::gauge;

/// What the kernel says of this process.
const STATUS: &str = "/proc/self/status";

/// Figures of the process; none where the kernel does not tell.
pub fn families() -> Vec<MetricFamily> {
    let status = std::fs::read_to_string(STATUS).unwrap_or_default();
    let figures = [
        (
            "process_resident_memory_bytes",
            "Resident memory.",
            // The unit is always kB, which here means KiB (proc_pid_status(5)).
            field(&status, "VmRSS:").map(|kib| kib * 1024.0),
        ),
        ("process_threads", "Threads.", field(&status, "Threads:")),
    ];
    figures
        .into_iter()
        .filter_map(|(name, help, value)| value.map(|value| gauge(name, help, value)))
        .collect()
}

/// The number after `name`.
fn field(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_read_without_its_unit() {
        let status = "Name:\tx\nVmRSS:\t    5204 kB\nThreads:\t4\n";
        assert_eq!(field(status, "VmRSS:"), Some(5_204.0));
        assert_eq!(field(status, "Threads:"), Some(4.0));
        assert_eq!(field("", "VmRSS:"), None);
    }
}
