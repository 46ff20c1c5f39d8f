//! A bucket of an S3-compatible store.

use std::sync::Arc;

use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutPayload};
use tokio::runtime::Runtime;

use crate::StoreError;

/// A part of an object store.
pub(crate) struct Bucket {
    objects: Arc<dyn ObjectStore>,
    /// Before every name.
    prefix: Path,
    /// The store's callers wait for their disks, so they wait for this too.
    runtime: Runtime,
}

impl Bucket {
    /// `s3://bucket/prefix`. Endpoint, region and credentials come from the environment, as every
    /// client of S3 takes them (`AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, …).
    ///
    /// # Errors
    /// [`StoreError::Bucket`] for an address that is none.
    pub(crate) fn open(address: &str) -> Result<Self, StoreError> {
        let wrong =
            |reason: &dyn std::fmt::Display| StoreError::Bucket(format!("{address}: {reason}"));
        let url = address.parse().map_err(|e: url::ParseError| wrong(&e))?;
        let environment = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let (objects, prefix) =
            object_store::parse_url_opts(&url, environment).map_err(|e| wrong(&e))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("bucket")
            .enable_all()
            .build()
            .map_err(|e| wrong(&e))?;
        Ok(Self {
            objects: Arc::from(objects),
            prefix,
            runtime,
        })
    }

    /// What the store has acknowledged is durable.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let payload = PutPayload::from(bytes.to_vec());
        self.wait(name, |objects, key| async move {
            objects.put(&key, payload).await.map(|_| ())
        })
    }

    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, StoreError> {
        self.wait(name, |objects, key| async move {
            let bytes = objects.get(&key).await?.bytes().await?;
            Ok(bytes.to_vec())
        })
    }

    pub(crate) fn remove(&self, name: &str) -> Result<(), StoreError> {
        self.wait(name, |objects, key| async move {
            match objects.delete(&key).await {
                Err(Error::NotFound { .. }) => Ok(()),
                done => done,
            }
        })
    }

    /// Waits for what is done with the object of this name.
    fn wait<T, F>(
        &self,
        name: &str,
        work: impl FnOnce(Arc<dyn ObjectStore>, Path) -> F,
    ) -> Result<T, StoreError>
    where
        F: Future<Output = object_store::Result<T>>,
    {
        let key: Path = self
            .prefix
            .parts()
            .chain(Path::from(name).parts())
            .collect();
        let done = work(Arc::clone(&self.objects), key.clone());
        self.runtime
            .block_on(done)
            .map_err(|error| StoreError::Bucket(format!("{key}: {error}")))
    }
}
