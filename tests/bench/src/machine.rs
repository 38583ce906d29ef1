//! What machine the figures are of.

use crate::peers::says;

/// The machine in a few words: processor, cores, memory, kernel, how TCP is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// The processor's name.
    pub cpu: String,
    /// How many cores there are.
    pub cores: usize,
    /// Memory in GiB.
    pub memory_gib: u64,
    /// The kernel's release.
    pub kernel: String,
    /// The system's way to avoid congestion, which shapes what a write costs.
    pub congestion_control: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Self {
        let read = |file: &str| std::fs::read_to_string(file).unwrap_or_default();
        let cpuinfo = read("/proc/cpuinfo");
        let name = value(&cpuinfo, "model name").unwrap_or("an unknown processor");
        let family = value(&cpuinfo, "cpu family").map(|family| format!(", family {family}")).unwrap_or_default();
        let kib: u64 = value(&read("/proc/meminfo"), "MemTotal")
            .and_then(|text| text.split_whitespace().next().and_then(|number| number.parse().ok()))
            .unwrap_or(0);
        Self {
            cpu: format!("{name}{family}"),
            cores: cpuinfo.lines().filter(|line| line.starts_with("processor")).count(),
            memory_gib: kib.div_ceil(1 << 20),
            kernel: says("uname", &["-sr"]).unwrap_or_default(),
            congestion_control: read("/proc/sys/net/ipv4/tcp_congestion_control").trim().to_owned(),
        }
    }
}

fn value<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::{Machine, value};

    #[test]
    fn this_machine_has_a_name_and_cores() {
        let machine = Machine::here();
        assert!(machine.cores > 0 && machine.memory_gib > 0, "{machine:?}");
        assert_eq!(value("a: 1\nmodel name\t: Fast\n", "model name"), Some("Fast"));
    }
}
