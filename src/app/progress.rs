//! How far something long has come, for a person at a terminal.
//!
//! It is drawn on stderr, and only where that is a terminal: a log, a pipe and whoever asked for
//! JSON see nothing of it. It is gone when it is dropped, so that what is said next stands alone.

use std::borrow::Cow;
use std::io::{IsTerminal, Read, Seek};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Time between two turns of a spinner: slow enough for a slow line.
const TICK: Duration = Duration::from_millis(120);

/// A line on the terminal that moves; clones move the same line.
#[derive(Clone)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Bytes of a file that is read from its beginning, perhaps more than once.
    pub fn of_file(
        file: std::fs::File,
        what: impl Into<Cow<'static, str>>,
        is_quiet: bool,
    ) -> (Self, impl Read + Seek + Send + 'static) {
        let length = file.metadata().map_or(0, |known| known.len());
        let line = "{msg} {wide_bar} {bytes}/{total_bytes} {eta}";
        let progress = Self::started(ProgressBar::new(length), line, what.into(), is_quiet);
        let read = progress.bar.wrap_read(file);
        (progress, read)
    }

    /// So many steps.
    pub fn of_steps(count: usize, what: impl Into<Cow<'static, str>>, is_quiet: bool) -> Self {
        let line = "{msg} {wide_bar} {pos}/{len} {eta}";
        Self::started(ProgressBar::new(count as u64), line, what.into(), is_quiet)
    }

    /// Something whose end nobody knows.
    pub fn of_wait(what: impl Into<Cow<'static, str>>, is_quiet: bool) -> Self {
        let line = "{spinner} {msg} {elapsed}";
        let progress = Self::started(ProgressBar::new_spinner(), line, what.into(), is_quiet);
        if !progress.bar.is_hidden() {
            progress.bar.enable_steady_tick(TICK);
        }
        progress
    }

    fn started(bar: ProgressBar, line: &str, what: Cow<'static, str>, is_quiet: bool) -> Self {
        if is_quiet || !std::io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        // The lines above are no user's: one that could not be read would be drawn as it comes.
        let style = ProgressStyle::with_template(line).unwrap_or_else(|_| bar.style());
        Self { bar: bar.with_style(style).with_message(what) }
    }

    /// One step further.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// It is over: the line is taken away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}
