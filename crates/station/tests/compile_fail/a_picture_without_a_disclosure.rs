// error[E0061]
use govern::PictureId;
use store::{Store, StoreError};

pub fn look(store: &Store, picture: PictureId) -> Result<Vec<u8>, StoreError> {
    store.picture(picture)
}
