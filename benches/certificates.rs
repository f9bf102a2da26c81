//! Files of certificates in a folder: how quickly certdeck reads them, beside `openssl`.
//!
//! `cargo bench --bench certificates [-- COUNT]`, 100,000 files where no number is given, in one folder,
//! each with another serial number. certdeck reads all of them, in one thread, as an import does
//! before it writes anything: every field, with the fingerprints. `openssl x509 -text` runs once for
//! each of 1,000 of them, as in a loop of a shell, and `openssl storeutl -text` once over a folder
//! with these 1,000, so that starting it counts but once; both write to nowhere. What they would take
//! for all is that much more of the same: the ratio is that of the time for one file.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use certdeck::files;
use certdeck::pki::bundle::Found;

const COUNT: u64 = 100_000;
const SAMPLE: usize = 1_000;
/// The first round warms the disk's cache up and is not counted.
const ROUNDS: usize = 5;

fn main() {
    let given = std::env::args().skip(1).find_map(|word| word.parse().ok());
    let count = given.unwrap_or(COUNT);
    let folder = tempfile::tempdir().expect("a temporary folder");
    support::files_of_certificates(folder.path(), count).expect("the files are written");
    let certs = folder.path().join("certs");
    let sample = sample(&certs, &folder.path().join("sample"));
    let mut rates = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        // In turn, so that whatever else the machine does meets all of them.
        let took = [
            per_file(read_all(&certs), count),
            per_file(loop_of_openssl(&sample), sample.len() as u64),
            per_file(
                one_openssl(&folder.path().join("sample")),
                sample.len() as u64,
            ),
        ];
        if round > 0 {
            rates
                .iter_mut()
                .zip(took)
                .for_each(|(rates, took)| rates.push(took));
        }
    }
    println!(
        "{count} files; microseconds a file, median (least to most) of {ROUNDS}, and the ratio"
    );
    let own = median(&mut rates[0]);
    for (label, rates) in [
        "certdeck, all of them",
        "openssl x509 -text, one process for each",
        "openssl storeutl -text, one process for all",
    ]
    .into_iter()
    .zip(&mut rates)
    {
        let middle = median(rates);
        let (least, most) = (rates[0], rates[rates.len() - 1]);
        let (files, ratio) = (1e6 / middle, own / middle);
        println!(
            "{label:<45} {middle:>9.1} ({least:.1} to {most:.1})  {files:>9.0} a second  {ratio:.4}"
        );
    }
}

fn read_all(folder: &Path) -> Duration {
    let began = Instant::now();
    let mut certificates = 0_u64;
    for read in files::Reader::new(&[folder.to_owned()]).flatten() {
        let found = read.found.expect("a file that can be read");
        certificates += found
            .iter()
            .filter(|one| matches!(one, Found::Certificate(_)))
            .count() as u64;
    }
    let took = began.elapsed();
    assert!(certificates > 0, "nothing was read");
    took
}

fn loop_of_openssl(files: &[PathBuf]) -> Duration {
    let began = Instant::now();
    for file in files {
        run(Command::new("openssl")
            .args(["x509", "-noout", "-text", "-in"])
            .arg(file));
    }
    began.elapsed()
}

fn one_openssl(folder: &Path) -> Duration {
    let began = Instant::now();
    run(Command::new("openssl")
        .args(["storeutl", "-r", "-noout", "-text", "-certs"])
        .arg(folder));
    began.elapsed()
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(
        status.expect("openssl is installed").success(),
        "{command:?}"
    );
}

/// Files from everywhere in the folder, copied into one of their own.
fn sample(from: &Path, to: &Path) -> Vec<PathBuf> {
    fs::create_dir(to).expect("a folder");
    let all = fs::read_dir(from).expect("the files");
    let mut all: Vec<_> = all.map(|entry| entry.expect("a file").path()).collect();
    all.sort();
    let step = (all.len() / SAMPLE).max(1);
    let some = all.iter().step_by(step).take(SAMPLE);
    some.map(|file| {
        let copy = to.join(file.file_name().expect("a name"));
        fs::copy(file, &copy).expect("a copy");
        copy
    })
    .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a count of files")]
fn per_file(took: Duration, files: u64) -> f64 {
    took.as_secs_f64() * 1e6 / files as f64
}

fn median(rates: &mut [f64]) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}
