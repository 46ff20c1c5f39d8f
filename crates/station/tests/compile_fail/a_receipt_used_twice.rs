// error[E0382]
use govern::{Clock, Granted, Permit, PermitError, Search};
use ledger::Receipt;

pub fn twice(
    one: Granted<Search>,
    other: Granted<Search>,
    receipt: Receipt,
    clock: &dyn Clock,
) -> [Result<Permit<Search>, PermitError>; 2] {
    [Permit::join(one, receipt, clock), Permit::join(other, receipt, clock)]
}
