// error[E0061]
use store::{FoundRead, Store, StoreError};

pub fn find(store: &Store) -> Result<(Vec<FoundRead>, bool), StoreError> {
    store.search()
}
