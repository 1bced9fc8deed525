//! When a failed delivery is tried again, and what an answer means for it.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::webhook_delivery::DeliveryFailure;
use uuid::Uuid;

use crate::egress::Unreachable;

/// Delays before the second, third, … attempt, in seconds: ten attempts in 75 hours and 35 minutes.
const DELAYS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Maximum delay that a receiver can ask for.
const MAX_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);
/// Bytes of the header `Retry-After` that are looked at.
const MAX_HEADER: usize = 64;

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The receiver answered.
    Status {
        /// HTTP status.
        status: u16,
        /// The header `Retry-After`.
        retry_after: Option<String>,
        /// Whether it asked for no further attempts, by the header `webhook-delivery: abort-message`.
        aborted: bool,
    },
    /// It did not.
    Unreachable(Unreachable),
}

/// What becomes of a delivery after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is delivered.
    Delivered,
    /// It is tried again at this time.
    Retry(Timestamp),
    /// It is given up after its last attempt.
    GivenUp,
    /// It is given up at the request of the receiver.
    Aborted,
    /// The receiver is gone for good.
    Gone,
}

impl Answer {
    /// The HTTP status, if there was an answer.
    pub fn status(&self) -> Option<i32> {
        match self {
            Self::Status { status, .. } => Some(i32::from(*status)),
            Self::Unreachable(_) => None,
        }
    }

    /// Why the attempt failed; `None` if it succeeded.
    pub fn failure(&self) -> Option<DeliveryFailure> {
        match self {
            Self::Status { status: 200..300, .. } => None,
            Self::Status { status: 300..400, .. } => Some(DeliveryFailure::Redirect),
            Self::Status { .. } => Some(DeliveryFailure::Status),
            Self::Unreachable(Unreachable::Dns) => Some(DeliveryFailure::Dns),
            Self::Unreachable(Unreachable::BlockedAddress) => Some(DeliveryFailure::BlockedAddress),
            Self::Unreachable(Unreachable::Connect | Unreachable::Closed) => Some(DeliveryFailure::Connect),
            Self::Unreachable(Unreachable::Tls) => Some(DeliveryFailure::Tls),
            Self::Unreachable(Unreachable::Timeout) => Some(DeliveryFailure::Timeout),
        }
    }

    /// What becomes of the delivery after `tries` attempts, this one included. `random` varies the delay by a tenth, so
    /// that what failed together is not repeated together.
    pub fn next(&self, tries: i32, now: Timestamp, random: Uuid) -> Next {
        match self {
            Self::Status { status: 200..300, .. } => Next::Delivered,
            Self::Status { status: 410, .. } => Next::Gone,
            Self::Status {
                status: 400..500,
                aborted: true,
                ..
            } => Next::Aborted,
            _ => {
                let place = usize::try_from(tries - 1).unwrap_or_default();
                let Some(seconds) = DELAYS.get(place) else {
                    return Next::GivenUp;
                };
                let delay = TimeDelta::milliseconds(seconds * (900 + thousandths(random) / 5));
                Next::Retry(now + delay.max(self.retry_after(now)))
            }
        }
    }

    /// The delay that the receiver asks for; none unless it is overloaded.
    fn retry_after(&self, now: Timestamp) -> TimeDelta {
        let Self::Status {
            status: 429 | 503,
            retry_after: Some(text),
            ..
        } = self
        else {
            return TimeDelta::zero();
        };
        let text = text.trim();
        let delay = match (text.len() <= MAX_HEADER, text.parse::<u32>()) {
            (true, Ok(seconds)) => TimeDelta::seconds(seconds.into()),
            (true, Err(_)) => {
                chrono::DateTime::parse_from_rfc2822(text).map_or(TimeDelta::zero(), |at| at.to_utc() - now)
            }
            (false, _) => TimeDelta::zero(),
        };
        delay.clamp(TimeDelta::zero(), MAX_RETRY_AFTER)
    }
}

/// A number from 0 to 999.
fn thousandths(random: Uuid) -> i64 {
    let bits = u64::from_le_bytes(random.into_bytes()[8..].try_into().unwrap_or_default());
    i64::try_from((bits >> 16) % 1_000).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn answer(status: u16, retry_after: Option<&str>, aborted: bool) -> Answer {
        Answer::Status {
            status,
            retry_after: retry_after.map(str::to_owned),
            aborted,
        }
    }

    fn delay(answer: &Answer, tries: i32, random: u128) -> Option<TimeDelta> {
        match answer.next(tries, NOW, Uuid::from_u128(random)) {
            Next::Retry(at) => Some(at - NOW),
            _ => None,
        }
    }

    #[test]
    fn ten_attempts_in_three_days_and_no_more() {
        let failed = Answer::Unreachable(Unreachable::Connect);
        let mut all = TimeDelta::zero();
        for tries in 1..=9 {
            let delays: Vec<TimeDelta> = (0..2_000_u128)
                .filter_map(|n| {
                    delay(
                        &failed,
                        tries,
                        n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835),
                    )
                })
                .collect();
            let nominal = DELAYS[usize::try_from(tries).unwrap() - 1];
            let (least, most) = (delays.iter().min().unwrap(), delays.iter().max().unwrap());
            assert!(least.num_milliseconds() >= nominal * 900 && least.num_milliseconds() < nominal * 920);
            assert!(most.num_milliseconds() <= nominal * 1_100 && most.num_milliseconds() > nominal * 1_080);
            all += TimeDelta::seconds(nominal);
        }
        assert_eq!(all.num_minutes(), 75 * 60 + 35);
        assert_eq!(failed.next(10, NOW, Uuid::nil()), Next::GivenUp);
    }

    #[test]
    fn an_overloaded_receiver_says_when() {
        let minimum = delay(&answer(500, None, false), 1, 0).unwrap();
        let cases = [
            (answer(503, Some("120"), false), 120),
            (answer(429, Some(" 7200 "), false), 7_200),
            (answer(429, Some("999999999"), false), 86_400),
            (answer(429, Some("Thu, 01 Jan 1970 01:00:00 GMT"), false), 3_600),
        ];
        for (answer, seconds) in cases {
            assert_eq!(
                delay(&answer, 1, 0),
                Some(TimeDelta::seconds(seconds)),
                "{answer:?}"
            );
        }
        for ignored in ["-5", "soon", "", "1.5", "Wed, 31 Dec 1969 00:00:00 GMT"] {
            assert_eq!(
                delay(&answer(503, Some(ignored), false), 1, 0),
                Some(minimum),
                "{ignored}"
            );
        }
        assert_eq!(delay(&answer(500, Some("120"), false), 1, 0), Some(minimum));
    }

    #[test]
    fn an_answer_ends_a_delivery_or_a_webhook() {
        let next = |answer: Answer| answer.next(1, NOW, Uuid::nil());
        assert_eq!(next(answer(204, None, false)), Next::Delivered);
        assert_eq!(next(answer(200, None, true)), Next::Delivered);
        assert_eq!(next(answer(410, None, false)), Next::Gone);
        assert_eq!(next(answer(422, None, true)), Next::Aborted);
        for status in [301, 404, 422, 500, 503] {
            assert!(
                matches!(next(answer(status, None, false)), Next::Retry(_)),
                "{status}"
            );
        }
        assert!(matches!(next(answer(500, None, true)), Next::Retry(_)));
        assert_eq!(
            answer(302, None, false).failure(),
            Some(DeliveryFailure::Redirect)
        );
        assert_eq!(answer(410, None, false).failure(), Some(DeliveryFailure::Status));
    }
}
