//! The world that tests need.
