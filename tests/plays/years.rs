//! Ten years at one go: whatever an entry follows, what happens to it by itself comes to rest or
//! comes again at its own pace, and nothing turns in a circle on the spot. Called by the test
//! runner alone.

use certdeck::domain::lifecycle::Lifecycles;
use jiff::SignedDuration;

use crate::stage::Stage;

/// More transactions than ten years of any table take: a certificate of 46 days is renewed about
/// 120 times, and each renewal is a few steps.
const MOST_CHANGES: u64 = 1_500;

fn ten_years() -> SignedDuration {
    SignedDuration::from_hours(24 * 3_650)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_years_end_whatever_the_lifecycle() {
    for table in Lifecycles::built_in().unwrap().iter() {
        let stage = Stage::new(&table.id, 3);
        for (number, offer) in stage.offers().iter().enumerate() {
            stage.order(offer, number).await;
        }
        let before = stage.inventory().seq;
        stage.advance(ten_years()).await;
        let changes = stage.inventory().seq - before;
        assert!(changes < MOST_CHANGES, "{}: {changes}", table.id);
        // Nothing of those years is left for later.
        let before = stage.inventory().seq;
        stage.advance(SignedDuration::from_secs(1)).await;
        let later = stage.inventory().seq - before;
        assert!(later < 2, "{}: {later} more changes", table.id);
    }
}

/// What somebody may write: something that comes again every second, for ever.
const RESTLESS: &str = r#"
id       = "restless"
title    = "restless certificate"
provider = "nobody"
source   = "a test"

[[entry]]
state = "restless"

[state.restless]
label    = "Restless"
phase    = "in-progress"
who      = "ca"
says     = "It is looked at again and again."
terminal = true

[[event]]
id      = "again"
label   = "Looked at again"
from    = ["restless"]
to      = "restless"
sandbox = { after = "1s" }
"#;

#[tokio::test]
async fn what_never_rests_holds_nobody_up() {
    let mut lifecycles = Lifecycles::built_in().unwrap();
    lifecycles.add("restless.toml", RESTLESS).unwrap();
    let stage = Stage::with(lifecycles, "restless", 1);
    let offers = stage.offers();
    stage.order(&offers[0], 1).await;
    let before = (stage.inventory().seq, stage.now());
    // Without an end this would be three hundred million changes.
    stage.advance(ten_years()).await;
    let changes = stage.inventory().seq - before.0;
    assert!((1_000..3_000).contains(&changes), "{changes}");
    let passed = before.1.duration_until(stage.now());
    assert_eq!(passed, ten_years(), "the clock goes on all the same");
}
