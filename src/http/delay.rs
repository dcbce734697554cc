//! Waiting until a moment: simulated latency and injected delays, to a tenth of a millisecond.
//!
//! tokio's own timer wheel ticks in milliseconds and therefore wakes 1 to 2 ms late, which is more
//! than a fast backend takes. On Linux each worker thread has a `timerfd` (timerfd_create(2)) and
//! an ordered map of deadlines instead: the kernel wakes the worker at the earliest one. A pending
//! delay costs an entry with its waker, no thread; dropping its future frees it.

use std::time::Instant;

/// Returns at `due` or a little later, never before; at once when `due` has passed.
pub async fn until(due: Instant) {
    if due <= Instant::now() {
        return;
    }
    #[cfg(target_os = "linux")]
    if let Some(clock) = precise::clock() {
        return precise::Delay::new(clock, due).await;
    }
    tokio::time::sleep_until(due.into()).await;
}

#[cfg(target_os = "linux")]
mod precise {
    use std::cell::{OnceCell, RefCell};
    use std::collections::BTreeMap;
    use std::future::Future;
    use std::os::fd::OwnedFd;
    use std::pin::Pin;
    use std::rc::Rc;
    use std::task::{Context, Poll, Waker};
    use std::time::{Duration, Instant};

    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };
    use tokio::io::unix::AsyncFd;

    thread_local! {
        static CLOCK: OnceCell<Option<Rc<Clock>>> = const { OnceCell::new() };
    }

    /// The clock of this worker thread; `None` when the system gives no timer, which is logged
    /// once.
    pub fn clock() -> Option<Rc<Clock>> {
        CLOCK.with(|clock| {
            clock
                .get_or_init(|| {
                    Clock::start()
                        .inspect_err(|error| log::warn!("no precise timer on this worker: {error}"))
                        .ok()
                })
                .clone()
        })
    }

    /// Deadlines of one thread, and the timer that is set to the earliest.
    pub struct Clock {
        timer: AsyncFd<OwnedFd>,
        waiting: RefCell<Waiting>,
    }

    #[derive(Default)]
    struct Waiting {
        next: u64,
        set_to: Option<Instant>,
        /// By deadline; the number tells equal deadlines apart.
        wakers: BTreeMap<(Instant, u64), Waker>,
    }

    impl Clock {
        fn start() -> std::io::Result<Rc<Self>> {
            let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
            let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
            #[expect(
                deprecated,
                reason = "unsound only for types that close their descriptor early, which an \
                          OwnedFd cannot; the constructor in its place is unsafe"
            )]
            let timer = AsyncFd::new(timer)?;
            let clock = Rc::new(Self { timer, waiting: RefCell::default() });
            let driven = Rc::clone(&clock);
            actix_rt::spawn(async move { driven.drive().await });
            Ok(clock)
        }

        /// Wakes whoever is due, for as long as the thread lives.
        async fn drive(&self) {
            loop {
                let Ok(mut ready) = self.timer.readable().await else { return };
                let mut expirations = [0; 8];
                // "Would block" means that the timer was set anew; both are handled alike.
                let _read =
                    ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut expirations)?));
                self.waiting.borrow_mut().set_to = None;
                for waker in self.take_due(Instant::now()) {
                    waker.wake();
                }
                self.set();
            }
        }

        fn take_due(&self, now: Instant) -> Vec<Waker> {
            let waiting = &mut *self.waiting.borrow_mut();
            let mut due = Vec::new();
            while let Some(first) = waiting.wakers.first_entry()
                && first.key().0 <= now
            {
                due.push(first.remove());
            }
            due
        }

        /// Sets the timer to the earliest deadline, when it is not set to it already.
        fn set(&self) {
            let waiting = &mut *self.waiting.borrow_mut();
            let Some((&(earliest, _), _)) = waiting.wakers.first_key_value() else { return };
            if waiting.set_to.is_some_and(|set_to| set_to <= earliest) {
                return;
            }
            // Zero would disarm the timer.
            let wait =
                earliest.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
            let value = Timespec {
                tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
                tv_nsec: wait.subsec_nanos().into(),
            };
            let once =
                Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
            let fd = self.timer.get_ref();
            match timerfd_settime(fd, TimerfdTimerFlags::empty(), &once) {
                Ok(_before) => waiting.set_to = Some(earliest),
                Err(error) => log::error!("timer cannot be set: {error}"),
            }
        }
    }

    /// One wait.
    pub struct Delay {
        clock: Rc<Clock>,
        due: Instant,
        id: Option<u64>,
    }

    impl Delay {
        pub fn new(clock: Rc<Clock>, due: Instant) -> Self {
            Self { clock, due, id: None }
        }
    }

    impl Future for Delay {
        type Output = ();

        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
            if Instant::now() >= self.due {
                return Poll::Ready(());
            }
            let id = self.id.unwrap_or_else(|| {
                let waiting = &mut *self.clock.waiting.borrow_mut();
                waiting.next += 1;
                waiting.next
            });
            self.id = Some(id);
            let key = (self.due, id);
            self.clock.waiting.borrow_mut().wakers.insert(key, cx.waker().clone());
            self.clock.set();
            Poll::Pending
        }
    }

    impl Drop for Delay {
        fn drop(&mut self) {
            if let Some(id) = self.id {
                self.clock.waiting.borrow_mut().wakers.remove(&(self.due, id));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[actix_rt::test]
    async fn a_delay_is_never_early_and_a_passed_moment_costs_nothing() {
        let began = Instant::now();
        until(began).await;
        let waits = (1..=40).map(|n| {
            let due = began + Duration::from_micros(n * 700);
            async move {
                until(due).await;
                assert!(Instant::now() >= due);
            }
        });
        futures_util::future::join_all(waits).await;
        assert!(began.elapsed() >= Duration::from_micros(40 * 700));
    }

    #[actix_rt::test]
    async fn an_earlier_delay_overtakes_a_later_one_and_a_dropped_one_is_forgotten() {
        let began = Instant::now();
        let hour = Duration::from_secs(3_600);
        let late = actix_rt::spawn(until(began + hour));
        actix_rt::task::yield_now().await;
        until(began + Duration::from_millis(3)).await;
        assert!(began.elapsed() < hour);
        late.abort();
        assert!(late.await.is_err_and(|error| error.is_cancelled()));
        until(Instant::now() + Duration::from_millis(1)).await;
    }
}
