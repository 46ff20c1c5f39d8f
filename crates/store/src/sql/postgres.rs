//! PostgreSQL, and the lease that keeps two stations from one database.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use bytes::BytesMut;
use ledger::{NoTurn, Turn};
use postgres::config::Host;
use postgres::error::SqlState;
use postgres::types::{IsNull, ToSql, Type};
use postgres::{Client, Config, NoTls, SimpleQueryMessage, Statement};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Connection, Copy, Database, Row, Value, Work};
use crate::StoreError;

/// A database of a PostgreSQL server, reached by a few connections.
pub(crate) struct Postgres {
    config: Config,
    tls: Option<MakeRustlsConnect>,
    idle: Mutex<Pool>,
    returned: Condvar,
    lease: Arc<Lease>,
}

struct Pool {
    idle: Vec<Pooled>,
    /// Connections there are, idle or not.
    open: usize,
}

/// A connection with the statements it has prepared.
struct Pooled {
    client: Client,
    prepared: HashMap<&'static str, Statement>,
}

/// This station's turn at the database. The server gives the lock to one connection at a time and
/// takes it back when that connection is lost; the number, raised at each turn and compared in every
/// transaction and before every entry of the ledger, stops a station that was paused and wakes after its
/// turn was given away.
struct Lease {
    number: i64,
    config: Config,
    tls: Option<MakeRustlsConnect>,
    /// The connection that holds the lock, for as long as the store is open.
    keeper: Mutex<Client>,
}

const CONNECTIONS: usize = 8;
/// Names the lock among the server's advisory locks: "lictor" in ASCII.
const LOCK: i64 = 0x6c69_6374_6f72;
/// Held shared by every transaction, and alone by whoever takes the lease.
const FENCE: i64 = LOCK + 1;

impl Postgres {
    /// Connects and takes the lease. A server on another machine is reached over TLS alone, and known
    /// by `authority`, the certificates (PEM) that its own must descend from.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another station holds the lease; [`StoreError::Address`] for an
    /// address that does not serve; what the server says.
    pub(crate) fn open(address: &str, authority: Option<&[u8]>) -> Result<Self, StoreError> {
        let config: Config = address
            .parse()
            .map_err(|error: postgres::Error| StoreError::Address(error.to_string()))?;
        let tls = match authority {
            Some(authority) => Some(trusting(authority)?),
            None if is_here(&config) => None,
            None => {
                return Err(StoreError::Address(
                    "a database on another machine is reached over TLS: put the certificate of its \
                     authority into the station's folder as postgres-authority.pem"
                        .to_owned(),
                ));
            }
        };
        let mut keeper = connect(&config, tls.as_ref())?;
        let number = take_lease(&mut keeper)?;
        let lease = Lease {
            number,
            config: config.clone(),
            tls: tls.clone(),
            keeper: Mutex::new(keeper),
        };
        Ok(Self {
            config,
            tls,
            idle: Mutex::new(Pool {
                idle: Vec::new(),
                open: 0,
            }),
            returned: Condvar::new(),
            lease: Arc::new(lease),
        })
    }

    fn take(&self) -> Result<Pooled, StoreError> {
        let mut pool = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match pool.idle.pop() {
                Some(pooled) if pooled.client.is_closed() => pool.open -= 1,
                Some(pooled) => return Ok(pooled),
                None if pool.open < CONNECTIONS => break,
                None => {
                    pool = self
                        .returned
                        .wait(pool)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
        pool.open += 1;
        drop(pool);
        match connect(&self.config, self.tls.as_ref()) {
            Ok(client) => Ok(Pooled {
                client,
                prepared: HashMap::new(),
            }),
            Err(error) => {
                self.forget();
                Err(error)
            }
        }
    }

    fn give_back(&self, pooled: Pooled) {
        let mut pool = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        pool.idle.push(pooled);
        self.returned.notify_one();
    }

    fn forget(&self) {
        let mut pool = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        pool.open -= 1;
        self.returned.notify_one();
    }

    /// Does `work` between `begin` and `COMMIT`. A connection on which anything failed is not used
    /// again.
    fn with(&self, begin: &str, work: Work<'_>) -> Result<(), StoreError> {
        let mut pooled = self.take()?;
        let done = (|| {
            self.check_lease(&pooled.client.simple_query(begin)?)?;
            work(&mut pooled)?;
            Ok(pooled.client.batch_execute("COMMIT")?)
        })();
        let clean = match &done {
            Ok(()) => true,
            // Nothing of it is kept; a connection that can still say so is still good.
            Err(_) => pooled.client.batch_execute("ROLLBACK").is_ok(),
        };
        if clean {
            self.give_back(pooled);
        } else {
            self.forget();
        }
        done
    }

    fn check_lease(&self, answers: &[SimpleQueryMessage]) -> Result<(), StoreError> {
        if self.lease.is_in(answers) {
            Ok(())
        } else {
            Err(StoreError::LeaseLost)
        }
    }
}

const NUMBER: &str = "SELECT number AS lease FROM lease";

impl Lease {
    /// Whether these answers name this lease.
    fn is_in(&self, answers: &[SimpleQueryMessage]) -> bool {
        let number = answers.iter().rev().find_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => row.get("lease"),
            _ => None,
        });
        number.and_then(|number| number.parse().ok()) == Some(self.number)
    }

    /// Whether the lease is this station's, by a word from the server. Where the connection was lost, and
    /// the lock with it, the lock is taken again.
    fn is_mine(&self) -> Result<bool, StoreError> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(answers) = keeper.simple_query(NUMBER) {
            return Ok(self.is_in(&answers));
        }
        let mut again = connect(&self.config, self.tls.as_ref())?;
        let lock = "SELECT pg_try_advisory_lock($1)";
        let locked: bool = again.query_one(lock, &[&LOCK])?.get(0);
        let mine = self.is_in(&again.simple_query(NUMBER)?);
        match (mine, locked) {
            // Somebody else has the lock, and is about to take the lease.
            (true, false) => Err(StoreError::InUse),
            (true, true) => {
                *keeper = again;
                Ok(true)
            }
            (false, _) => Ok(false),
        }
    }
}

impl Turn for Lease {
    fn number(&self) -> u64 {
        self.number.unsigned_abs()
    }

    fn check(&self) -> Result<(), NoTurn> {
        match self.is_mine() {
            Ok(true) => Ok(()),
            Ok(false) => Err(NoTurn::Over),
            Err(error) => Err(NoTurn::Unknown(error.to_string())),
        }
    }
}

/// Every transaction first waits for a station that is taking the lease, then sees whose it is. Each
/// statement sees what was committed before it, so the order is the point.
const CHANGE: &str = "BEGIN; SELECT pg_advisory_xact_lock_shared(119199895940979); SELECT number AS lease FROM lease";
const ASK: &str = "BEGIN READ ONLY; SELECT number AS lease FROM lease";

/// One statement at a time: none of them runs in a transaction with another.
const VACUUM: &str = "VACUUM";

impl Database for Postgres {
    fn ask(&self, work: Work<'_>) -> Result<(), StoreError> {
        self.with(ASK, work)
    }

    fn turn(&self) -> Option<Arc<dyn Turn>> {
        Some(self.lease.clone())
    }

    fn change(&self, work: Work<'_>) -> Result<(), StoreError> {
        self.with(CHANGE, work)
    }

    /// Frees the rows that were deleted. The server overwrites their bytes as it uses their pages again;
    /// its own log goes by its own settings.
    fn settle(&self) -> Result<(), StoreError> {
        let mut pooled = self.take()?;
        let vacuumed = pooled.client.batch_execute(VACUUM);
        if vacuumed.is_ok() {
            self.give_back(pooled);
        } else {
            self.forget();
        }
        Ok(vacuumed?)
    }

    fn copy(&self, _file: &Path) -> Result<Copy, StoreError> {
        Err(StoreError::Elsewhere)
    }
}

fn connect(config: &Config, tls: Option<&MakeRustlsConnect>) -> Result<Client, StoreError> {
    let mut config = config.clone();
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(10));
    }
    if config.get_tcp_user_timeout().is_none() {
        // Whoever waits for a server that is cut off learns it.
        config.tcp_user_timeout(Duration::from_secs(10));
    }
    let mut client = match tls {
        Some(tls) => config
            .ssl_mode(postgres::config::SslMode::Require)
            .connect(tls.clone())?,
        None => config.connect(NoTls)?,
    };
    // Whatever the server's own settings are, what is acknowledged here is on its disk.
    client.batch_execute(
        "SET synchronous_commit = on; SET client_min_messages = warning; SET timezone = 'UTC'",
    )?;
    Ok(client)
}

/// Whether every host is this machine.
fn is_here(config: &Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost"
                || name
                    .parse::<std::net::IpAddr>()
                    .is_ok_and(|address| address.is_loopback())
        }
    })
}

fn trusting(authority: &[u8]) -> Result<MakeRustlsConnect, StoreError> {
    let wrong = |error: &dyn std::fmt::Display| {
        StoreError::Address(format!("postgres-authority.pem: {error}"))
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    let config = rustls::ClientConfig::builder_with_provider(
        rustls::crypto::aws_lc_rs::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .map_err(|error| wrong(&error))?
    .with_root_certificates(roots)
    .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Waits a little for the lock: the server takes it back some moments after the station that held it
/// ended, and a station that restarts is back before that.
fn take_lease(keeper: &mut Client) -> Result<i64, StoreError> {
    keeper.batch_execute("SET lock_timeout = '3s'")?;
    keeper
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .map_err(|error| match error.code() {
            Some(&SqlState::LOCK_NOT_AVAILABLE) => StoreError::InUse,
            _ => error.into(),
        })?;
    keeper.batch_execute("SET lock_timeout = 0")?;
    let mut turn = keeper.transaction()?;
    turn.execute("SELECT pg_advisory_xact_lock($1)", &[&FENCE])?;
    turn.batch_execute(
        "CREATE TABLE IF NOT EXISTS lease (number BIGINT NOT NULL);
         INSERT INTO lease SELECT 0 WHERE NOT EXISTS (SELECT FROM lease)",
    )?;
    // By the server's clock, in milliseconds: greater than any before, also where the database was set back.
    let next = "UPDATE lease
                SET number = greatest(number + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
                RETURNING number";
    let number = turn.query_one(next, &[])?.get(0);
    turn.commit()?;
    Ok(number)
}

impl Pooled {
    fn prepared(&mut self, sql: &'static str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.prepared.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(&dollars(sql))?;
        self.prepared.insert(sql, statement.clone());
        Ok(statement)
    }
}

impl Connection for Pooled {
    fn execute(&mut self, sql: &'static str, values: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        Ok(self.client.execute(&statement, &parameters(values))?)
    }

    fn rows(&mut self, sql: &'static str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared(sql)?;
        let rows = self.client.query(&statement, &parameters(values))?;
        rows.iter()
            .map(|row| {
                let values = row
                    .columns()
                    .iter()
                    .enumerate()
                    .map(|(n, column)| value(row, n, column.type_()));
                Ok(Row(values.collect::<Result<_, StoreError>>()?))
            })
            .collect()
    }

    fn run(&mut self, step: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(&in_its_types(step))?)
    }

    fn hold(&mut self, what: &str) -> Result<(), StoreError> {
        self.client.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
            &[&what],
        )?;
        Ok(())
    }
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

/// `?1` becomes `$1`. No statement has a question mark for anything else.
fn dollars(sql: &str) -> String {
    sql.replace('?', "$")
}

/// A step of the schema with PostgreSQL's names of the types.
fn in_its_types(step: &str) -> String {
    step.replace(" BLOB", " BYTEA")
        .replace(" INTEGER", " BIGINT")
        .replace(" REAL", " DOUBLE PRECISION")
        .replace(") STRICT, WITHOUT ROWID;", ");")
        .replace(") STRICT;", ");")
}

fn value(row: &postgres::Row, n: usize, kind: &Type) -> Result<Value, StoreError> {
    Ok(match *kind {
        Type::INT8 => row.try_get::<_, Option<i64>>(n)?.into(),
        Type::INT4 => row.try_get::<_, Option<i32>>(n)?.map(i64::from).into(),
        Type::BOOL => row.try_get::<_, Option<bool>>(n)?.into(),
        Type::FLOAT8 => row.try_get::<_, Option<f64>>(n)?.into(),
        Type::TEXT | Type::VARCHAR | Type::NAME => row.try_get::<_, Option<String>>(n)?.into(),
        Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(n)?.into(),
        _ => {
            return Err(StoreError::damaged(format!(
                "column {n} is of PostgreSQL's type {kind}, which no column of this schema has"
            )));
        }
    })
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, kind) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Integer(integer), &Type::INT4) => i32::try_from(*integer)?.to_sql(kind, out),
            (Self::Integer(integer), &Type::BOOL) => (*integer != 0).to_sql(kind, out),
            (Self::Integer(integer), &Type::INT8) => integer.to_sql(kind, out),
            (Self::Real(number), &Type::FLOAT8) => number.to_sql(kind, out),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR) => text.to_sql(kind, out),
            (Self::Blob(bytes), &Type::BYTEA) => bytes.as_slice().to_sql(kind, out),
            _ => Err(format!(
                "a placeholder of PostgreSQL's type {kind} was given another kind of value"
            )
            .into()),
        }
    }

    fn accepts(_kind: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}
