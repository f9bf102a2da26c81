//! The store's promises, each with its test named after it.
//!
//! A name says which promise it shows and how: `cargo test --test promises promise_05`. Where they
//! are, by number:
//! 1. A private key is on the disk before its CSR leaves, and never overwritten: `crash`, `killed`,
//!    `traced`, `vault`; where it gets another form: `forms`.
//! 2. After a crash the old state or the new, and what was acknowledged is there: `crash` (more than
//!    ten thousand crash points against a model), `killed` and `traced` (the real program),
//!    `processes`.
//! 3. A full or failing disk: `full` (every call), `small` (real ones), `places`; a store that is moved away
//!    while it is open: `gone`.
//! 4. Several processes: `processes`, `programs`.
//! 5. Damage: `damage` (every byte), `flood` (much of it), `gone` (while a store is open).
//! 6. Formats of other versions: `versions`, `damage`.
//! 7. Clocks that jump: `clock`.
//! 8. Modes, owners, planted links: `processes`, `vault`, `places`.
//! 9. No secret anywhere else: `canary`, `vault`.
//! 10. Sent once: `once`.
//! 11. Loss and edits in the middle of the history: `tests/doctor`.
//! 12. Nothing of the user's is deleted: `kept`.
//!
//! `broken_disk` is the disk that breaks and stops, `home` the real program in a home folder of its
//! own, `audit` what must hold of any store whatever happened. The store's smaller tests, on which
//! these rest, are in `tests/store`. Tests that need `strace`, `unshare`, or to be root say so and end
//! where they may not; each promise is also shown without them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on shall stop")]

mod audit;
#[path = "../store/broken_disk.rs"]
mod broken_disk;
mod canary;
mod clock;
mod crash;
mod damage;
mod fake;
mod flood;
mod forms;
mod full;
mod gone;
mod home;
mod kept;
mod killed;
mod once;
mod panel;
mod places;
mod processes;
mod programs;
#[path = "../common/pty.rs"]
mod pty;
mod small;
mod stock;
mod traced;
mod vault;
mod versions;
