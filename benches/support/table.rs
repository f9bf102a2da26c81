//! Figures by their label, and how they are printed: median, least and most.

/// What is measured in, and how many digits behind the point are worth reading.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Millis,
    MiB,
    Bytes,
}

impl Unit {
    pub(crate) fn said(self, value: f64) -> String {
        match self {
            Self::Millis if value < 1.0 => format!("{value:.3}"),
            Self::Millis => format!("{value:.2}"),
            Self::MiB => format!("{value:.1}"),
            Self::Bytes => format!("{value:.0}"),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Millis => "ms",
            Self::MiB => "MiB",
            Self::Bytes => "bytes",
        }
    }
}

struct Line {
    label: String,
    unit: Unit,
    values: Vec<f64>,
}

impl Line {
    /// Whether it is a part of what the one before it says, and no different.
    fn only_repeats(&self, before: &Self) -> bool {
        self.label.starts_with(&before.label) && self.values == before.values
    }

    /// Least, median and most.
    fn spread(&self) -> (f64, f64, f64) {
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        (
            values[0],
            values[values.len() / 2],
            values[values.len() - 1],
        )
    }
}

/// Everything that was measured, in the order in which it was first.
#[derive(Default)]
pub(crate) struct Table(Vec<Line>);

impl Table {
    /// Takes one more figure of what `label` says.
    pub(crate) fn take(&mut self, label: &str, unit: Unit, value: f64) {
        if let Some(line) = self.0.iter_mut().find(|line| line.label == label) {
            line.values.push(value);
            return;
        }
        self.0.push(Line {
            label: label.to_owned(),
            unit,
            values: vec![value],
        });
    }

    /// Least, median and most; nothing where nothing was measured.
    pub(crate) fn spread(&self, label: &str) -> Option<(f64, f64, f64)> {
        let line = self.0.iter().find(|line| line.label == label)?;
        Some(line.spread())
    }

    /// Prints it below a title.
    pub(crate) fn print(&self, title: &str) {
        println!("\n{title}");
        let widest = self.0.iter().map(|line| line.label.len()).max();
        let width = widest.unwrap_or_default();
        println!(
            "  {:width$}  {:>10}  {:>10}  {:>10}         {:>5}",
            "", "median", "least", "most", "times"
        );
        for (at, line) in self.0.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &self.0[at]);
            if before.is_some_and(|before| line.only_repeats(before)) {
                continue;
            }
            let (least, median, most) = line.spread();
            let unit = line.unit;
            println!(
                "  {:width$}  {:>10}  {:>10}  {:>10}  {:<5}  {:>5}",
                line.label,
                unit.said(median),
                unit.said(least),
                unit.said(most),
                unit.name(),
                line.values.len()
            );
        }
    }
}
