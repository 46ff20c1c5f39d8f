// error[E0061]
use store::{Found, Store, StoreError};

pub fn find(store: &Store) -> Result<Found, StoreError> {
    store.search()
}
