//! Starts logging, calls the command, turns its outcome into one line and an exit code.

use clap::Parser;
use glasnik::cli::{self, Arguments, Outcome};
use glasnik::config;
use std::env;
use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.runs_on() {
        give_back_memory();
    }
    start_logging(&arguments);
    match cli::run(arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Failed) => ExitCode::FAILURE,
        Ok(Outcome::Wrong) => ExitCode::from(2),
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            let is_wrong = error.is::<config::Errors>() || error.is::<config::Error>();
            ExitCode::from(if is_wrong { 2 } else { 1 })
        }
    }
}

/// Starts the program again under settings by which glibc gives back what was freed: each thread keeps a
/// heap of its own otherwise, with the holes that documents left. The process stays the same one. Where
/// somebody has set them, or it cannot be, all is as it was.
fn give_back_memory() {
    let settings = [("MALLOC_ARENA_MAX", "2"), ("MALLOC_MMAP_THRESHOLD_", "131072")];
    let is_set = settings.iter().any(|(name, _)| env::var_os(name).is_some());
    let mut arguments = env::args_os();
    if let (false, Ok(program), Some(name)) = (is_set, env::current_exe(), arguments.next()) {
        // Comes back only where it failed, and then nothing is lost but memory.
        let _ = Command::new(program).arg0(name).args(arguments).envs(settings).exec();
    }
}

fn start_logging(arguments: &Arguments) {
    let level = match (arguments.quiet, arguments.verbose) {
        (true, _) => "error",
        (false, 0) => "glasnik=info,warn",
        (false, 1) => "glasnik=debug,info",
        (false, _) => "trace",
    };
    let filter = EnvFilter::try_from_env("GLASNIK_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

/// `glasnik parse … | head` is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
