// error[E0277]
use govern::{Permit, Search};

pub fn read(text: &str) -> Option<Permit<Search>> {
    serde_json::from_str::<Permit<Search>>(text).ok()
}
