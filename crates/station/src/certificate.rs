//! The certificate that the station shows to browsers, and its renewal.
//!
//! A station whose host is not this machine has an authority of its own, which can sign for that host
//! alone; its key lies in the encrypted database. What the authority issues lasts 90 days and is
//! renewed by the station itself. An agency that has a certificate of its own gives the paths; the files
//! are read again when they change. Neither needs a restart.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crypt::{
    CertificateError, CertificateFacts, Digest, LocalAuthority, ServerCertificate, sha256_of,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{CertificateOf, Event};

use crate::{Files, Station, StationError, lock};

/// How long the station's own authority lasts: browsers learn to trust it by hand.
const AUTHORITY_LASTS: Duration = Duration::from_hours(24 * 3650);
/// How long a certificate from it lasts.
const LASTS: Duration = Duration::from_hours(24 * 90);
/// A certificate that ends so soon is renewed, or people are warned.
const SOON: SignedDuration = SignedDuration::from_hours(24 * 30);
/// A certificate is good from a little before it is made: not every browser's clock is right.
const BEFORE: SignedDuration = SignedDuration::from_hours(1);

const AUTHORITY: &str = "tls authority";
const AUTHORITY_KEY: &str = "tls authority key";
/// Certificate and key in one, so that no crash leaves one without the other.
const CERTIFICATE: &str = "tls certificate and key";
/// The fingerprint that stands in the ledger.
const ENTERED: &str = "tls certificate entered";

/// The agency's own certificate: two files in PEM.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The host's certificate and, after it, what leads to its authority.
    pub chain: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What is shown to browsers, and where it comes from.
pub(crate) struct Tls {
    source: Source,
    shown: ServerCertificate,
    /// Why what is there now cannot be shown in its place.
    trouble: Option<String>,
}

enum Source {
    /// The station's own authority.
    Local(Box<LocalAuthority>),
    /// The agency's files. A file that is just being written differs at the next look: what is
    /// taken up was the same twice.
    Files {
        files: CertificateFiles,
        seen: Digest,
        judged: Digest,
    },
}

/// What people are told of the certificate.
#[derive(Clone, Debug)]
pub struct CertificateShown {
    /// The host it is for.
    pub host: String,
    /// SHA-256 of it.
    pub fingerprint: Digest,
    /// Who issued it.
    pub issuer: String,
    /// When it ends.
    pub until: Timestamp,
    /// The agency's file, where it brings its own.
    pub file: Option<PathBuf>,
    /// The station's own authority, SHA-256 and end, where it does not.
    pub authority: Option<(Digest, Timestamp)>,
    /// What must be done about it.
    pub warning: Option<String>,
}

impl Station {
    /// Takes up the certificate to be shown: the agency's, or the station's own, which is renewed if it
    /// must be. Nothing for a station that serves its own machine alone.
    ///
    /// # Errors
    /// [`StationError::Input`] says what is wrong with the agency's files.
    pub fn take_up_certificate(
        &self,
        own: Option<CertificateFiles>,
    ) -> Result<Option<ServerCertificate>, StationError> {
        if self.about.host == "localhost" {
            return match own {
                None => Ok(None),
                Some(_) => Err(StationError::Input(
                    "this station's host is localhost: it serves its own machine over plain HTTP, and shows no certificate".to_owned(),
                )),
            };
        }
        let tls = match own {
            Some(files) => {
                let (chain, key) = read(&files)?;
                let seen = sha256_of(&[chain.as_bytes(), b"\0", key.as_bytes()]);
                Tls {
                    shown: self.judge(&files, &chain, &key)?,
                    source: Source::Files {
                        files,
                        seen,
                        judged: seen,
                    },
                    trouble: None,
                }
            }
            None => self.local()?,
        };
        let shown = tls.shown.clone();
        self.enter_certificate(&tls)?;
        *lock(&self.tls) = Some(tls);
        Ok(self.tend_certificate()?.or(Some(shown)))
    }

    /// Looks after the certificate: renews the station's own before it ends, and reads the agency's
    /// again when its files changed. Gives the new one, if there is one. Called once a second by
    /// whoever serves.
    ///
    /// # Errors
    /// When a new one cannot be made, kept or entered; the one before goes on.
    pub fn tend_certificate(&self) -> Result<Option<ServerCertificate>, StationError> {
        let mut held = lock(&self.tls);
        let Some(tls) = held.as_mut() else {
            return Ok(None);
        };
        let next = match &mut tls.source {
            Source::Local(authority) => self.renewed(authority, tls.shown.facts())?,
            Source::Files {
                files,
                seen,
                judged,
            } => {
                let Ok((chain, key)) = read(files).inspect_err(|e| {
                    tls.trouble = Some(e.to_string());
                }) else {
                    return Ok(None);
                };
                let now = sha256_of(&[chain.as_bytes(), b"\0", key.as_bytes()]);
                let settled = std::mem::replace(seen, now) == now;
                if !settled || *judged == now {
                    return Ok(None);
                }
                *judged = now;
                match self.judge(files, &chain, &key) {
                    Ok(next) => Some(next),
                    Err(error) => {
                        tls.trouble = Some(error.to_string());
                        None
                    }
                }
            }
        };
        let Some(next) = next else { return Ok(None) };
        tls.shown = next.clone();
        tls.trouble = None;
        self.enter_certificate(tls)?;
        Ok(Some(next))
    }

    /// What people are told of the certificate; nothing where none is shown.
    pub fn certificate(&self) -> Option<CertificateShown> {
        let held = lock(&self.tls);
        let tls = held.as_ref()?;
        let facts = tls.shown.facts();
        let (file, authority) = match &tls.source {
            Source::Local(authority) => {
                let fingerprint = authority.fingerprint().ok();
                (None, fingerprint.map(|f| (f, at(authority.until()))))
            }
            Source::Files { files, .. } => (Some(files.chain.clone()), None),
        };
        Some(CertificateShown {
            host: self.about.host.clone(),
            fingerprint: facts.fingerprint,
            issuer: facts.issuer.clone(),
            until: at(facts.until),
            file,
            authority,
            warning: self.certificate_warning(tls),
        })
    }

    /// The file from which browsers learn to trust the station's own authority.
    pub fn authority_file(&self) -> PathBuf {
        Files(&self.folder).authority()
    }

    fn certificate_warning(&self, tls: &Tls) -> Option<String> {
        let (what, until, cure) = match &tls.source {
            Source::Files { files, .. } => (
                "The certificate that browsers are shown",
                tls.shown.facts().until,
                format!(
                    "Put a new one in {}: it is taken up by itself",
                    files.chain.display()
                ),
            ),
            Source::Local(authority) => (
                "The station's own authority",
                authority.until(),
                "At the first start after that the station makes a new one, which browsers must \
                 be given"
                    .to_owned(),
            ),
        };
        let until = at(until);
        let left = until.duration_since(self.clock.now());
        let day = self.about.time_zone.to_datetime(until).date();
        let ends = match left {
            left if left <= SignedDuration::ZERO => Some(format!("{what} ended on {day}. {cure}.")),
            left if left <= SOON => Some(format!("{what} ends on {day}. {cure}.")),
            _ => None,
        };
        let trouble = tls.trouble.as_ref().map(|trouble| {
            format!("The certificate that is there now is not taken up: {trouble}.")
        });
        match (trouble, ends) {
            (Some(trouble), Some(ends)) => Some(format!("{trouble} {ends}")),
            (trouble, ends) => trouble.or(ends),
        }
    }

    /// The agency's files, judged now.
    fn judge(
        &self,
        files: &CertificateFiles,
        chain: &str,
        key: &str,
    ) -> Result<ServerCertificate, StationError> {
        let host = &self.about.host;
        let found = ServerCertificate::judge(chain, key, host, seconds(self.clock.now()));
        found.map_err(|error| {
            let path = match error {
                CertificateError::NoKey | CertificateError::UnusableKey(_) => &files.key,
                _ => &files.chain,
            };
            StationError::Input(format!("{}: {error}", path.display()))
        })
    }

    /// The station's own authority and what it issued; made where there is none, or it has ended.
    fn local(&self) -> Result<Tls, StationError> {
        let now = self.clock.now();
        let name = format!("Lictor of {}", self.about.agency);
        let host = &self.about.host;
        let before = self.store.fact(AUTHORITY)?;
        let known = match (&before, self.store.fact(AUTHORITY_KEY)?) {
            (Some(certificate), Some(key)) => {
                Some(LocalAuthority::from_pem(certificate, &key, &name, host).map_err(damaged)?)
            }
            _ => None,
        };
        let known = known.filter(|authority| at(authority.until()) > now);
        if let Some(authority) = known {
            let kept = self.store.fact(CERTIFICATE)?;
            let shown = kept.and_then(|pem| ServerCertificate::read(&pem, &pem, host).ok());
            let shown = match shown {
                Some(shown) => shown,
                None => self.issue(&authority)?,
            };
            return Ok(Tls {
                source: Source::Local(Box::new(authority)),
                shown,
                trouble: None,
            });
        }
        let from = seconds(now.saturating_sub(BEFORE).unwrap_or(now));
        let authority =
            LocalAuthority::create(&name, host, from, AUTHORITY_LASTS).map_err(damaged)?;
        self.store
            .set_fact(AUTHORITY_KEY, &authority.expose_key())?;
        self.store.set_fact(AUTHORITY, authority.certificate())?;
        let path = self.authority_file();
        durable::replace(&path, authority.certificate().as_bytes())
            .map_err(|e| StationError::file(&path, e))?;
        let shown = self.issue(&authority)?;
        if before.is_some() {
            let entry = self.ledger_size().saturating_sub(1);
            self.raise_alarm(
                entry,
                "The station made a new certificate authority: give browsers the new authority.pem",
            )?;
        }
        Ok(Tls {
            source: Source::Local(Box::new(authority)),
            shown,
            trouble: None,
        })
    }

    /// A new certificate, when the one that is shown ends soon. Not while the time is in doubt: it
    /// would be good at the wrong time.
    fn renewed(
        &self,
        authority: &LocalAuthority,
        shown: &CertificateFacts,
    ) -> Result<Option<ServerCertificate>, StationError> {
        let left = at(shown.until).duration_since(self.clock.now());
        let longer = authority.until() > shown.until;
        if left > SOON || !longer || self.time_doubt().is_some() {
            return Ok(None);
        }
        self.issue(authority).map(Some)
    }

    fn issue(&self, authority: &LocalAuthority) -> Result<ServerCertificate, StationError> {
        let now = self.clock.now();
        let from = seconds(now.saturating_sub(BEFORE).unwrap_or(now));
        let issued = authority.issue(from, LASTS).map_err(damaged)?;
        let pem = format!("{}{}", issued.chain(), issued.expose_key());
        self.store.set_fact(CERTIFICATE, &pem)?;
        Ok(issued)
    }

    /// Enters which certificate is shown, when it is another than before.
    fn enter_certificate(&self, tls: &Tls) -> Result<(), StationError> {
        let facts = tls.shown.facts();
        let fingerprint = facts.fingerprint.to_string();
        if self.store.fact(ENTERED)?.as_deref() == Some(&fingerprint) {
            return Ok(());
        }
        self.enter(Event::Certificate {
            of: match tls.source {
                Source::Local(_) => CertificateOf::Station,
                Source::Files { .. } => CertificateOf::Agency,
            },
            fingerprint: facts.fingerprint,
            until: at(facts.until),
        })?;
        Ok(self.store.set_fact(ENTERED, &fingerprint)?)
    }
}

fn read(files: &CertificateFiles) -> Result<(String, String), StationError> {
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(|e| StationError::file(path, e));
    Ok((read(&files.chain)?, read(&files.key)?))
}

fn at(seconds: u64) -> Timestamp {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

fn damaged(error: CertificateError) -> StationError {
    StationError::Damaged(error.to_string())
}
