// error[E0451]
use ledger::{Receipt, Recorded};

pub fn forge(decision: crypt::Digest, recorded: Recorded) -> Receipt {
    Receipt { decision, recorded }
}
