// error[E0599]
use govern::{Clock, Granted, Permit, PermitError, Search};

pub fn on(permit: &Permit<Search>, again: Granted<Search>, clock: &dyn Clock) -> Result<(), PermitError> {
    permit.go_on(again, clock)
}
