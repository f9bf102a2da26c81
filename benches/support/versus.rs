//! The same thing done by certdeck and by another program, side by side, with the ratio of both.

use super::table::{Table, Unit};

struct Pair {
    label: &'static str,
    other: &'static str,
    unit: Unit,
    /// What of it is not the same work.
    differs: &'static str,
}

/// Figures of certdeck and of others, taken in turn.
#[derive(Default)]
pub(crate) struct Versus {
    pairs: Vec<Pair>,
    ours: Table,
    theirs: Table,
}

impl Versus {
    /// Announces a comparison: what is measured, with whom, and what of it is not the same work.
    pub(crate) fn pair(
        &mut self,
        label: &'static str,
        other: &'static str,
        unit: Unit,
        differs: &'static str,
    ) {
        self.pairs.push(Pair {
            label,
            other,
            unit,
            differs,
        });
    }

    pub(crate) fn ours(&mut self, label: &'static str, value: f64) {
        self.ours.take(label, self.unit(label), value);
    }

    pub(crate) fn theirs(&mut self, label: &'static str, value: f64) {
        self.theirs.take(label, self.unit(label), value);
    }

    fn unit(&self, label: &str) -> Unit {
        let pair = self.pairs.iter().find(|pair| pair.label == label);
        pair.expect("it was announced").unit
    }

    /// Prints what both took; the ratio is below 1 where certdeck took less.
    pub(crate) fn print(&self, title: &str) {
        println!("\n{title}");
        println!(
            "  {:34}  {:>16}  {:>24}  {:>16}",
            "medians (least to most)", "certdeck", "the other", "certdeck : other"
        );
        for pair in &self.pairs {
            let (ours, theirs) = (self.ours.spread(pair.label), self.theirs.spread(pair.label));
            let (Some(ours), Some(theirs)) = (ours, theirs) else {
                continue;
            };
            let said = |value| pair.unit.said(value);
            let unit = pair.unit.name();
            println!(
                "  {:34}  {:>13} {unit:3} {:>11}: {:>9} {unit:3}  {:>16.3}",
                pair.label,
                said(ours.1),
                pair.other,
                said(theirs.1),
                ours.1 / theirs.1
            );
            println!(
                "    ({} to {}; {} to {}) {}",
                said(ours.0),
                said(ours.2),
                said(theirs.0),
                said(theirs.2),
                pair.differs
            );
        }
    }
}
