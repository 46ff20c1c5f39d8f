// error[E0451]
use govern::{Permit, Principal, Search};
use ledger::DecisionId;

pub fn forge(act: Search, who: Principal, decision: DecisionId) -> Permit<Search> {
    Permit { act, who, session: None, decision, salt: loop {}, entry: 0, expires: std::sync::Mutex::new(None) }
}
