// error[E0277]
use govern::{Permit, Search};

pub fn copy(permit: &Permit<Search>) -> Permit<Search> {
    Permit::<Search>::clone(permit)
}
