//! Charts as SVG: lines over time, a curve of percentiles, bars.
//! Refuses colours of its own: the page's style has them, for light and for dark.

use std::fmt::Write;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
/// Room for the numbers at the left and below.
const LEFT: f64 = 64.0;
const BELOW: f64 = 24.0;

/// A line: its name and its points.
pub struct Line<'a> {
    /// What it shows.
    pub name: &'a str,
    /// In order of the first number.
    pub points: Vec<(f64, f64)>,
}

/// Lines over a common scale that begins at nothing.
pub fn lines(title: &str, across: &str, lines: &[Line<'_>], unit: &str) -> String {
    let points = || lines.iter().flat_map(|line| line.points.iter());
    let right = points().map(|point| point.0).fold(1e-9, f64::max);
    let top = round_up(points().map(|point| point.1).fold(1e-9, f64::max));
    let place = |(x, y): (f64, f64)| {
        (LEFT + x / right * (WIDTH - LEFT - 8.0), (HEIGHT - BELOW) - y / top * (HEIGHT - BELOW - 12.0))
    };
    let mut svg = open(title);
    for part in [0.0, 0.5, 1.0] {
        let (_, y) = place((0.0, top * part));
        push(&mut svg, format_args!("<line class='grid' x1='{LEFT}' x2='{WIDTH}' y1='{y:.1}' y2='{y:.1}'/>"));
        push(
            &mut svg,
            format_args!(
                "<text x='{:.1}' y='{:.1}' text-anchor='end'>{}</text>",
                LEFT - 6.0,
                y + 4.0,
                number(top * part)
            ),
        );
    }
    for (index, line) in lines.iter().enumerate() {
        let path: Vec<_> =
            line.points.iter().map(|point| place(*point)).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        push(&mut svg, format_args!("<polyline class='line{index}' points='{}'/>", path.join(" ")));
        push(
            &mut svg,
            format_args!(
                "<text class='name{index}' x='{:.1}' y='12'>{}</text>",
                LEFT + 8.0 + 160.0 * index as f64,
                escaped(line.name)
            ),
        );
    }
    let foot = format!("0 to {} {}; {}", number(right), escaped(across), escaped(unit));
    push(&mut svg, format_args!("<text x='{LEFT}' y='{:.1}'>{foot}</text></svg>", HEIGHT - 6.0));
    svg
}

/// A bar for each.
pub fn bars(title: &str, bars: &[(String, u64)]) -> String {
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(1).max(1) as f64;
    let height = 24.0 * bars.len() as f64 + 8.0;
    let mut svg = format!("<svg viewBox='0 0 {WIDTH} {height}' role='img' aria-label='{}'>", escaped(title));
    for (index, (name, count)) in bars.iter().enumerate() {
        let (y, width) = (24.0 * index as f64 + 4.0, *count as f64 / most * (WIDTH - 320.0));
        push(&mut svg, format_args!("<text x='0' y='{:.1}'>{}</text>", y + 14.0, escaped(name)));
        push(&mut svg, format_args!("<rect class='bar' x='220' y='{y:.1}' width='{width:.1}' height='18' rx='2'/>"));
        push(&mut svg, format_args!("<text x='{:.1}' y='{:.1}'>{count}</text>", 226.0 + width, y + 14.0));
    }
    svg.push_str("</svg>");
    svg
}

fn open(title: &str) -> String {
    format!("<svg viewBox='0 0 {WIDTH} {HEIGHT}' role='img' aria-label='{}'>", escaped(title))
}

fn push(svg: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing into a String cannot fail.
    let _ = svg.write_fmt(part);
}

/// The next of 1, 2, 5, 10 and so on.
fn round_up(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|round| *round >= value).unwrap_or(value)
}

fn number(value: f64) -> String {
    match value {
        value if value >= 1e6 => format!("{:.1} M", value / 1e6),
        value if value >= 10_000.0 => format!("{:.0} k", value / 1e3),
        value if value >= 10.0 || value.fract() == 0.0 => format!("{value:.0}"),
        value => format!("{value:.2}"),
    }
}

/// Text within markup.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_a_round_number() {
        for (value, round) in [(0.3, 0.5), (1.0, 1.0), (1.1, 2.0), (730.0, 1000.0), (4_100.0, 5_000.0)] {
            assert!((round_up(value) - round).abs() < 1e-9, "{value}: {}", round_up(value));
        }
    }

    #[test]
    fn names_are_text_and_nothing_else() {
        let svg = bars("<b>", &[("</svg><script>".into(), 3)]);
        assert!(!svg.contains("<script") && svg.contains("&lt;script&gt;") && !svg.contains("<b>"));
        let chart = lines("t", "s", &[Line { name: "a & b", points: vec![(0.0, 1.0), (1.0, 2.0)] }], "u");
        assert!(chart.contains("a &amp; b") && chart.contains("polyline"));
    }
}
