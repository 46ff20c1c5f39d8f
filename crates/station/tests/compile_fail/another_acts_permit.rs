// error[E0308]
use govern::{Permit, ReviewLedger};
use store::{Found, Store, StoreError};

pub fn find(store: &Store, permit: &Permit<ReviewLedger>) -> Result<Found, StoreError> {
    store.search(permit)
}
