//! Group commit: those who come at once share one write and its sync.

use std::collections::HashMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A batch waits this long at most for those who are about to come. Those whom a batch lets go come
/// back at once, one after the other; without patience they would split into two groups, each
/// waiting through the other's sync.
const PATIENCE: Duration = Duration::from_millis(5);

/// Where those who want something written meet whoever writes it. Who comes while a batch is being
/// written goes with the next.
#[derive(Debug)]
pub struct Together<T, R> {
    state: Mutex<State<T, R>>,
    came: Condvar,
    answered: Condvar,
}

#[derive(Debug)]
struct State<T, R> {
    waiting: Vec<(u64, T)>,
    /// `None`: whoever was to write it broke off.
    answers: HashMap<u64, Option<R>>,
    next: u64,
    /// Somebody is writing, or gathering a batch.
    led: bool,
    /// How many there were when the last batch was answered: those it let go, and those who had come
    /// meanwhile.
    expected: usize,
    closed: bool,
}

/// A place in a batch: whoever holds it gets one answer.
#[derive(Debug)]
#[must_use = "an answer is waiting for it"]
pub struct Seat(u64);

impl<T, R> Default for Together<T, R> {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                waiting: Vec::new(),
                answers: HashMap::new(),
                next: 0,
                led: false,
                expected: 0,
                closed: false,
            }),
            came: Condvar::new(),
            answered: Condvar::new(),
        }
    }
}

impl<T, R> Together<T, R> {
    /// Takes a seat in the next batch.
    pub fn join(&self, item: T) -> Seat {
        let mut state = self.state();
        let seat = state.next;
        state.next += 1;
        if state.closed {
            state.answers.insert(seat, None);
        } else {
            state.waiting.push((seat, item));
            self.came.notify_one();
        }
        Seat(seat)
    }

    /// Waits for the seat's answer; `None` when whoever was to write broke off.
    pub fn wait(&self, seat: Seat) -> Option<R> {
        let mut state = self.state();
        loop {
            if let Some(answer) = state.answers.remove(&seat.0) {
                return answer;
            }
            state = self
                .answered
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// For a thread that does nothing but write: gathers batch after batch and writes it, until
    /// [`Together::close`]. `write` answers every item, in order.
    pub fn serve(&self, mut write: impl FnMut(Vec<T>) -> Vec<R>) {
        let _closing = Closing(self);
        loop {
            let mut state = self.state();
            while state.waiting.is_empty() && !state.closed {
                state = self
                    .came
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
            }
            if state.waiting.is_empty() {
                return;
            }
            self.lead(state, &mut write);
        }
    }

    /// Lets [`Together::serve`] finish what is waiting, and end.
    pub fn close(&self) {
        self.state().closed = true;
        self.came.notify_all();
    }

    /// Where no thread serves: joins, and whoever finds nobody writing writes for all. `None` when
    /// whoever wrote broke off.
    pub fn write(&self, item: T, write: impl FnOnce(Vec<T>) -> Vec<R>) -> Option<R> {
        let Seat(seat) = self.join(item);
        let mut state = self.state();
        loop {
            if let Some(answer) = state.answers.remove(&seat) {
                return answer;
            }
            if !state.led {
                self.lead(state, write);
                return self.wait(Seat(seat));
            }
            state = self
                .answered
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lead(&self, mut state: MutexGuard<'_, State<T, R>>, write: impl FnOnce(Vec<T>) -> Vec<R>) {
        state.led = true;
        (state, _) = self
            .came
            .wait_timeout_while(state, PATIENCE, |state| {
                state.waiting.len() < state.expected && !state.closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        let (seats, items): (Vec<_>, Vec<_>) = state.waiting.drain(..).unzip();
        drop(state);
        // Answers all, whatever happens: nobody waits for ever.
        let mut batch = Batch {
            together: self,
            seats,
            answers: Vec::new(),
        };
        batch.answers = write(items);
    }

    fn state(&self) -> MutexGuard<'_, State<T, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Batch<'a, T, R> {
    together: &'a Together<T, R>,
    seats: Vec<u64>,
    answers: Vec<R>,
}

impl<T, R> Drop for Batch<'_, T, R> {
    fn drop(&mut self) {
        let mut state = self.together.state();
        state.expected = state.waiting.len() + self.seats.len();
        let mut answers = self.answers.drain(..);
        for seat in self.seats.drain(..) {
            state.answers.insert(seat, answers.next());
        }
        state.led = false;
        self.together.answered.notify_all();
    }
}

/// However serving ends, nobody is left waiting.
struct Closing<'a, T, R>(&'a Together<T, R>);

impl<T, R> Drop for Closing<'_, T, R> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.closed = true;
        for (seat, _) in std::mem::take(&mut state.waiting) {
            state.answers.insert(seat, None);
        }
        self.0.answered.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn those_who_come_at_once_share_a_write_and_each_gets_their_own_answer() {
        let (together, writes) = (Together::default(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for member in 0..8_u32 {
                let (together, writes) = (&together, &writes);
                scope.spawn(move || {
                    for n in 0..50 {
                        let answer = together.write(member * 100 + n, |items| {
                            writes.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(Duration::from_millis(2));
                            items.into_iter().map(|item| item + 1).collect()
                        });
                        assert_eq!(answer, Some(member * 100 + n + 1));
                    }
                });
            }
        });
        let writes = writes.into_inner();
        assert!(writes < 200, "{writes} writes for 400 items of 8 members");
    }

    #[test]
    fn one_alone_waits_for_nobody() {
        let together: Together<(), ()> = Together::default();
        for _ in 0..3 {
            assert_eq!(together.write((), |items| items), Some(()));
            assert_eq!(together.state().expected, 1);
        }
    }

    #[test]
    fn when_the_writer_breaks_off_nobody_waits_for_ever() {
        let together: Together<u8, u8> = Together::default();
        thread::scope(|scope| {
            let writer = scope.spawn(|| together.serve(|_| panic!("the disk is gone")));
            let seat = together.join(1);
            assert_eq!(together.wait(seat), None);
            assert!(writer.join().is_err());
            let late = together.join(2);
            assert_eq!(together.wait(late), None);
        });
    }
}
