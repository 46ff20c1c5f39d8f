// error[E0451]
use govern::{Content, Granted, Request, Search};
use ledger::{Decision, Salt};

pub fn forge(request: Request<Search>, decision: Decision, content: Content, salt: Salt) -> Granted<Search> {
    Granted { request, decision, content, salt }
}
