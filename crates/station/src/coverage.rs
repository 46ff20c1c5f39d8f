//! What an answer could not see: the times in which a camera was silent. That a car was not seen says
//! something only where somebody was looking.

use std::time::Duration;

use jiff::Timestamp;

use crate::Station;

/// What one camera could have seen of a span of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Its name.
    pub camera: String,
    /// Where it stands.
    pub place: String,
    /// The parts of the span, from and until, in which it handed in nothing.
    pub silent: Vec<Span>,
    /// The first and the last time that it ever handed in a frame.
    pub ever: Option<Span>,
}

/// From one time until before another.
pub type Span = (Timestamp, Timestamp);

impl Station {
    /// What the cameras could have seen from one time (the camera's first frame, where none is given)
    /// until another (now).
    pub(crate) fn covered(
        &self,
        cameras: Vec<store::Coverage>,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    ) -> Vec<Coverage> {
        let now = self.clock.now();
        let longest = self.policy.security().camera_silent();
        let cameras = cameras.into_iter();
        cameras
            .map(|camera| {
                let heard = &camera.heard;
                let ever = heard.first().zip(heard.last()).map(|(a, b)| (a.0, b.1));
                let begin = from.or(ever.map(|ever| ever.0)).unwrap_or(Timestamp::MIN);
                let end = until.unwrap_or(now).min(now);
                Coverage {
                    silent: silences(heard, (begin, end), now, longest),
                    camera: camera.camera,
                    place: camera.place,
                    ever,
                }
            })
            .collect()
    }
}

/// What of a span of time none of the stretches, which are in order, covers. A camera that was heard a
/// short while ago is not silent yet.
fn silences(heard: &[Span], span: Span, now: Timestamp, longest: Duration) -> Vec<Span> {
    let before = heard.first().map_or(Timestamp::MAX, |first| first.0);
    let after = heard.last().map(|last| last.1);
    let after = after.filter(|&last| now.duration_since(last).unsigned_abs() > longest);
    let between = heard.windows(2).map(|two| (two[0].1, two[1].0));
    std::iter::once((Timestamp::MIN, before))
        .chain(between)
        .chain(after.map(|last| (last, Timestamp::MAX)))
        .map(|(from, until)| (from.max(span.0), until.min(span.1)))
        .filter(|(from, until)| from < until)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_536_000 + second).unwrap()
    }

    fn silent(heard: &[(i64, i64)], span: (i64, i64), now: i64) -> Vec<(i64, i64)> {
        let heard: Vec<Span> = heard.iter().map(|&(a, b)| (at(a), at(b))).collect();
        let span = (at(span.0), at(span.1));
        silences(&heard, span, at(now), Duration::from_secs(10))
            .into_iter()
            .map(|(a, b)| {
                (
                    a.as_second() - at(0).as_second(),
                    b.as_second() - at(0).as_second(),
                )
            })
            .collect()
    }

    #[test]
    fn a_silence_is_what_of_the_span_no_stretch_covers() {
        let heard = [(10, 20), (40, 60)];
        assert_eq!(silent(&heard, (12, 18), 100), []);
        assert_eq!(silent(&heard, (12, 30), 100), [(20, 30)]);
        assert_eq!(silent(&heard, (0, 90), 100), [(0, 10), (20, 40), (60, 90)]);
        assert_eq!(silent(&[], (0, 5), 100), [(0, 5)]);
    }

    #[test]
    fn a_camera_heard_a_short_while_ago_is_not_silent_yet() {
        assert_eq!(silent(&[(10, 60)], (20, 65), 65), []);
        assert_eq!(silent(&[(10, 60)], (20, 71), 71), [(60, 71)]);
    }
}
