//! Where pixels come from. Today: pictures in files and folders, and picture bytes that a camera
//! sends.

mod folder;
mod picture;

pub use folder::{FolderError, Found, is_picture, pictures_under};
pub use picture::{MAX_BYTES, PictureError, decode, load};
