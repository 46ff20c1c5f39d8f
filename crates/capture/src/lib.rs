//! Where pixels come from. Today: pictures and videos in files and folders, and picture bytes that
//! a camera sends.

mod folder;
mod picture;
mod video;

pub use folder::{FolderError, Found, is_picture, pictures_under};
pub use picture::{MAX_BYTES, PictureError, close_up, decode, load};
pub use video::{Video, VideoError, begins_as_video, is_video};
