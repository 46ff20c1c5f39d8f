//! Where a station's store lies, and under which keys.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use crypt::{MasterKey, Sealed};
use govern::Clock;
use store::{Store, StoreKeys, StorePlace};

use crate::{Files, StationError};

/// What the server's address is sealed for: it may hold a password.
const SERVER: &str = "store server";

/// Remembers that the store lies on a PostgreSQL server.
pub(crate) fn remember_server(
    files: &Files<'_>,
    master: &MasterKey,
    address: &str,
) -> Result<(), StationError> {
    let sealed = master
        .derive(SERVER)?
        .seal(SERVER.as_bytes(), address.as_bytes())
        .map_err(|e| StationError::Damaged(e.to_string()))?;
    let path = files.server();
    durable::replace(&path, sealed.as_bytes()).map_err(|e| StationError::file(&path, e))
}

/// Opens the store where the founding put it.
pub(crate) fn open(
    files: &Files<'_>,
    master: &MasterKey,
    clock: Arc<dyn Clock>,
) -> Result<Store, StationError> {
    let keys = keys(master)?;
    let place = StorePlace {
        folder: files.0.to_owned(),
        server: server(files, master)?,
    };
    Ok(Store::open(&place, keys, clock)?)
}

/// The keys that a store lies under.
pub(crate) fn keys(master: &MasterKey) -> Result<StoreKeys, StationError> {
    Ok(StoreKeys {
        database: master.derive("database")?,
        columns: master.derive("columns")?,
        pictures: master.derive("pictures")?,
    })
}

fn server(files: &Files<'_>, master: &MasterKey) -> Result<Option<String>, StationError> {
    let path = files.server();
    let sealed = match fs::read(&path) {
        Ok(sealed) => Sealed::from(sealed),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(StationError::file(&path, source)),
    };
    let damaged = |what: String| StationError::Damaged(format!("{}: {what}", path.display()));
    let address = master
        .derive(SERVER)?
        .open(SERVER.as_bytes(), &sealed)
        .map_err(|e| damaged(e.to_string()))?;
    String::from_utf8(address)
        .map(Some)
        .map_err(|e| damaged(e.to_string()))
}
