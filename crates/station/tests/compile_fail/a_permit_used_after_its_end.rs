// error[E0382]
use govern::{Clock, Disclosure, Permit, Search};

pub fn twice(permit: Permit<Search>, clock: &dyn Clock) -> [Disclosure; 2] {
    let minute = std::time::Duration::from_secs(60);
    [permit.disclose(vec![], minute, clock), permit.disclose(vec![], minute, clock)]
}
