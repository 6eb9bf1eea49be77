//! glasnik reads feeds, keeps their entries, tags them by topic and publishes merged feeds.
//!
//! One poll of one feed, in reading order: [`fetch`] asks the server, [`ingest`] makes tagged-ready
//! entries of the bytes, [`topics`] says what they are about, [`store`] keeps them in one
//! transaction with the moment that [`schedule`] chose for the next poll. [`publish`] turns kept
//! entries into documents through [`render`], and [`server`] hands those out. [`poll`] and
//! [`daemon`] call the steps in order; [`config`] says what to read, what to look for and what to
//! publish.

pub mod feed;

pub mod caching;
pub mod health;
pub mod schedule;

mod duration;
mod fold;
mod words;

pub mod ingest;
pub mod stories;
pub mod topics;

pub mod search;

pub mod store;

pub mod render;

pub mod metrics;

pub mod config;
pub mod fetch;
pub mod server;

pub mod group;
pub mod poll;
pub mod publish;
pub mod retag;
pub mod searching;

pub mod daemon;
pub mod demo;

pub mod cli;
