// compiles
use govern::{Permit, Search};
use store::{Found, Store, StoreError};

pub fn find(store: &Store, permit: &Permit<Search>) -> Result<Found, StoreError> {
    store.search(permit)
}
