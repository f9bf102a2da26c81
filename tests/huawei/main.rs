//! Huawei Cloud's certificates, from its own documents: the table line by line, the withdrawal
//! point by point, and everything that has a limit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod entries;
mod guards;
mod stage;
mod story;
mod table;
mod withdrawal;
