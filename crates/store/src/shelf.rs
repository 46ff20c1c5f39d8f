//! Where the encrypted pictures lie: a folder, or a bucket of an S3-compatible store.

#[cfg(feature = "bucket")]
mod bucket;

use std::fs;
use std::path::{Path, PathBuf};

use crate::StoreError;

/// Keeps bytes by name. What was put is durable when `put` returns.
pub(crate) enum Shelf {
    Folder(PathBuf),
    #[cfg(feature = "bucket")]
    Bucket(bucket::Bucket),
}

impl Shelf {
    /// A folder, made if it is not there.
    pub(crate) fn folder(folder: PathBuf) -> Result<Self, StoreError> {
        match durable::create_folder(&folder) {
            Ok(()) => Ok(Self::Folder(folder)),
            Err(source) => Err(StoreError::File {
                path: folder,
                source,
            }),
        }
    }

    /// `s3://bucket/prefix`.
    ///
    /// # Errors
    /// [`StoreError::Bucket`] for an address that is none, and in a build without buckets.
    #[cfg(feature = "bucket")]
    pub(crate) fn bucket(address: &str) -> Result<Self, StoreError> {
        Ok(Self::Bucket(bucket::Bucket::open(address)?))
    }

    #[cfg(not(feature = "bucket"))]
    pub(crate) fn bucket(address: &str) -> Result<Self, StoreError> {
        Err(StoreError::Bucket(format!(
            "{address}: this program was built without buckets (feature `bucket`)"
        )))
    }

    /// The folder, if it is one.
    pub(crate) fn as_folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            #[cfg(feature = "bucket")]
            Self::Bucket(_) => None,
        }
    }

    /// Keeps these bytes under this name, durably.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                durable::create_folder(path.parent().unwrap_or(folder))
                    .and_then(|()| durable::replace(&path, bytes))
                    .map_err(|source| StoreError::File { path, source })
            }
            #[cfg(feature = "bucket")]
            Self::Bucket(bucket) => bucket.put(name, bytes),
        }
    }

    /// The bytes under this name.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                fs::read(&path).map_err(|source| StoreError::File { path, source })
            }
            #[cfg(feature = "bucket")]
            Self::Bucket(bucket) => bucket.get(name),
        }
    }

    /// Takes away what lies under this name, if anything does.
    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                durable::remove(&path).map_err(|source| StoreError::File { path, source })
            }
            #[cfg(feature = "bucket")]
            Self::Bucket(bucket) => bucket.remove(name),
        }
    }
}
