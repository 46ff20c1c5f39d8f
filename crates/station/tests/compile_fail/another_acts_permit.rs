// error[E0308]
use govern::{Permit, ReviewLedger};
use store::{FoundRead, Store, StoreError};

pub fn find(store: &Store, permit: &Permit<ReviewLedger>) -> Result<(Vec<FoundRead>, bool), StoreError> {
    store.search(permit)
}
