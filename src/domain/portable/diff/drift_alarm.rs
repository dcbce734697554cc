//! When a drift is news: it has begun, become worse or better, or ended, and looks agree on it.

use super::Severity;

/// Looks in a row that must agree before something is said: between two of them half of a burst may
/// have been learned.
const AGREEING_LOOKS: u8 = 2;

/// What was said last of a drift, and what the last looks saw.
///
/// ```
/// use stunt_double::domain::portable::diff::Severity;
/// use stunt_double::domain::portable::diff::drift_alarm::DriftAlarm;
/// let mut alarm = DriftAlarm::default();
/// assert!(!alarm.is_news(Some(Severity::Breaking)), "once may be chance");
/// assert!(alarm.is_news(Some(Severity::Breaking)), "it has begun");
/// assert!(!alarm.is_news(Some(Severity::Breaking)), "as was said");
/// assert!(!alarm.is_news(None));
/// assert!(alarm.is_news(None), "it has ended");
/// ```
#[derive(Debug, Default)]
pub struct DriftAlarm {
    said: Option<Severity>,
    seen: Option<Severity>,
    looks: u8,
}

impl DriftAlarm {
    /// One more look, which saw this worst severity; true when it is to be said. What consumers
    /// need not care about ([`Severity::Info`]: an endpoint that is asked for the first time) is no
    /// drift.
    pub fn is_news(&mut self, worst: Option<Severity>) -> bool {
        let worst = worst.filter(|severity| *severity > Severity::Info);
        self.looks = if worst == self.seen { self.looks.saturating_add(1) } else { 1 };
        self.seen = worst;
        let is_news = self.looks >= AGREEING_LOOKS && self.seen != self.said;
        if is_news {
            self.said = self.seen;
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After which looks something is said.
    fn said(looks: &[Option<Severity>]) -> Vec<usize> {
        let mut alarm = DriftAlarm::default();
        (0..looks.len()).filter(|at| alarm.is_news(looks[*at])).collect()
    }

    #[test]
    fn what_comes_and_goes_between_two_looks_is_not_said() {
        let (none, bad) = (None, Some(Severity::Breaking));
        assert_eq!(said(&[none, none, none]), [0; 0]);
        assert_eq!(said(&[bad, none, bad, none, bad]), [0; 0]);
        assert_eq!(said(&[none, bad, bad, bad, none, bad, none, none, none]), [2, 7]);
    }

    #[test]
    fn what_nobody_need_care_about_is_no_drift_and_what_gets_worse_is_said_again() {
        let (info, odd, bad) =
            (Some(Severity::Info), Some(Severity::Warning), Some(Severity::Breaking));
        assert_eq!(said(&[info, info, info]), [0; 0]);
        assert_eq!(said(&[odd, odd, bad, bad, info, info]), [1, 3, 5]);
    }
}
