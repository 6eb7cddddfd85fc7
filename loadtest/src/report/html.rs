//! The report as one page: figures, and charts of how the run went.
//! Refuses to load anything: style and charts are in it.

use super::chart::{Line, bars, escaped, lines};
use crate::run::Sample;
use crate::tally::Tally;
use hdrhistogram::Histogram;

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #d8dee4; --one: #0b62c4; --two: #b35900; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --soft: #30363d; --one: #58a6ff; --two: #f0883e; }
}
body { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; max-width: 76rem;
  margin: 2rem auto; padding: 0 1rem; }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1.5rem 2rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.05rem; margin: 0 0 .3rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .15rem 0; border-bottom: 1px solid var(--soft); }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
.grid { stroke: var(--soft); } polyline { fill: none; stroke-width: 2; }
.line0, .bar { stroke: var(--one); } .line1 { stroke: var(--two); } .bar { fill: var(--one); }
svg .name0 { fill: var(--one); } svg .name1 { fill: var(--two); }
";

/// The page.
pub fn page(name: &str, figures: &[(String, String)], samples: &[Sample], tally: &Tally) -> String {
    let title = format!("Countersign load test: {}", escaped(name));
    let rows: String = figures
        .iter()
        .map(|(name, value)| format!("<tr><td>{}</td><td>{}</td></tr>", escaped(name), escaped(value)))
        .collect();
    let over = |value: fn(&Sample) -> f64| samples.iter().map(|sample| (sample.at, value(sample))).collect::<Vec<_>>();
    let throughput = lines(
        "Settled a second",
        "seconds",
        &[Line { name: "settled a second", points: over(|sample| sample.rate) }],
        "verifications a second",
    );
    let in_flight = lines(
        "In flight",
        "seconds",
        &[Line { name: "in flight", points: over(|sample| sample.in_flight as f64) }],
        "verifications",
    );
    let cpu = lines(
        "CPU of the engine",
        "seconds",
        &[Line { name: "CPU", points: over(|sample| sample.cpus) }],
        "processors in use",
    );
    let memory = lines(
        "Memory of the engine",
        "seconds",
        &[Line { name: "memory", points: over(|sample| sample.rss as f64 / 1e6) }],
        "MB resident",
    );
    let latency = lines(
        "Latency",
        "percent of verifications",
        &[
            Line { name: "from due", points: curve(&tally.latency) },
            Line { name: "from reply", points: curve(&tally.reply) },
        ],
        "milliseconds, to the 99.9th percentile",
    );
    let reasons: Vec<_> = tally.reasons.iter().map(|(reason, count)| (reason.clone(), *count)).collect();
    let charts = [
        ("Throughput", throughput),
        ("In flight", in_flight),
        ("Latency", latency),
        ("Outcomes by reason", bars("Outcomes by reason", &reasons)),
        ("CPU of the engine", cpu),
        ("Memory of the engine", memory),
    ];
    let sections: String =
        charts.iter().map(|(title, chart)| format!("<section><h2>{title}</h2>{chart}</section>")).collect();
    format!(
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' \
         content='width=device-width'><title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1>\
         <main><section><h2>Figures</h2><table>{rows}</table></section>{sections}</main></body></html>\n"
    )
}

/// Percentiles and their milliseconds.
fn curve(histogram: &Histogram<u64>) -> Vec<(f64, f64)> {
    let at = |percentile: f64| (percentile, histogram.value_at_percentile(percentile) as f64 / 1000.0);
    (0..100).map(f64::from).chain([99.5, 99.9]).map(at).collect()
}
