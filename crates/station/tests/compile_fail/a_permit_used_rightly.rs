// compiles
use govern::{Permit, Search};
use store::{FoundRead, Store, StoreError};

pub fn find(store: &Store, permit: &Permit<Search>) -> Result<(Vec<FoundRead>, bool), StoreError> {
    store.search(permit)
}
