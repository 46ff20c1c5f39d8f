//! The certificate that a station shows to browsers: one from an authority of its own, or one that
//! the agency brings. Times are seconds since 1970, UTC.

use std::net::IpAddr;
use std::time::Duration;

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use time::OffsetDateTime;
use x509_cert::Certificate;
use x509_cert::der::Decode;
use x509_cert::ext::pkix::BasicConstraints as Constraints;
use zeroize::Zeroizing;

use crate::{Digest, sha256};

/// What people are told of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFacts {
    /// SHA-256 of the certificate: what browsers show as its fingerprint.
    pub fingerprint: Digest,
    /// Who issued it.
    pub issuer: String,
    /// It is good from this time …
    pub from: u64,
    /// … to this.
    pub until: u64,
}

/// A server's certificate that fits its key and its host, with what leads to its authority: PEM.
#[derive(Clone)]
pub struct ServerCertificate {
    chain: String,
    key: Zeroizing<String>,
    facts: CertificateFacts,
}

/// An authority that can sign for one host and for no other: it is bound to the host's name, so
/// that whoever trusts it trusts it for nothing else.
pub struct LocalAuthority {
    certificate: String,
    key: KeyPair,
    name: String,
    host: String,
    until: u64,
}

/// Why a certificate cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CertificateError {
    /// No certificate among what was given.
    #[error("there is no certificate in PEM here")]
    NoCertificate,
    /// No key among what was given.
    #[error("there is no private key in PEM here; one under a passphrase cannot be used")]
    NoKey,
    /// Something in PEM that is no certificate.
    #[error("certificate {0} cannot be read")]
    Unreadable(usize),
    /// An authority's certificate stands first.
    #[error(
        "the first certificate is an authority's: put the host's own first, then the one that issued it"
    )]
    AuthorityFirst,
    /// The chain is out of order or has a gap.
    #[error("certificate {0} was not issued by the one after it: each is followed by its issuer's")]
    OutOfOrder(usize),
    /// Another key's certificate.
    #[error("the private key does not belong to the certificate")]
    OtherKey,
    /// A key of a kind that TLS does not use here.
    #[error("the private key cannot be used: {0}")]
    UnusableKey(String),
    /// Another host's certificate.
    #[error("the certificate is not for {0}")]
    OtherHost(String),
    /// Not a name that a certificate can be for.
    #[error("{0} is no host name")]
    NoHost(String),
    /// It begins later.
    #[error("the certificate is not good yet")]
    NotYet,
    /// It is over.
    #[error("the certificate has ended")]
    Ended,
    /// It could not be made.
    #[error("the certificate could not be made: {0}")]
    Making(String),
}

impl ServerCertificate {
    /// A certificate in PEM, with what leads to its authority, and its key in PEM: judged for `host`
    /// at the time `now`.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn judge(chain: &str, key: &str, host: &str, now: u64) -> Result<Self, CertificateError> {
        let found = Self::read(chain, key, host)?;
        if now < found.facts.from {
            return Err(CertificateError::NotYet);
        }
        if now >= found.facts.until {
            return Err(CertificateError::Ended);
        }
        Ok(found)
    }

    /// The same at no time in particular.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(chain: &str, key: &str, host: &str) -> Result<Self, CertificateError> {
        let ders = certificates(chain)?;
        let parsed = ders
            .iter()
            .zip(1..)
            .map(|(der, n)| Certificate::from_der(der).map_err(|_| CertificateError::Unreadable(n)))
            .collect::<Result<Vec<_>, _>>()?;
        let (leaf, der) = parsed
            .first()
            .zip(ders.first().cloned())
            .ok_or(CertificateError::NoCertificate)?;
        if is_authority(leaf) {
            return Err(CertificateError::AuthorityFirst);
        }
        for (pair, n) in parsed.windows(2).zip(1..) {
            if pair[0].tbs_certificate.issuer != pair[1].tbs_certificate.subject {
                return Err(CertificateError::OutOfOrder(n));
            }
        }
        let private =
            PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| CertificateError::NoKey)?;
        let pair = CertifiedKey::from_der(ders, private, &default_provider());
        match pair {
            Err(rustls::Error::InconsistentKeys(_)) => return Err(CertificateError::OtherKey),
            Err(other) => return Err(CertificateError::UnusableKey(other.to_string())),
            Ok(_) => {}
        }
        let name =
            ServerName::try_from(host).map_err(|_| CertificateError::NoHost(host.to_owned()))?;
        let covered = webpki::EndEntityCert::try_from(&der)
            .and_then(|leaf| leaf.verify_is_valid_for_subject_name(&name));
        if covered.is_err() {
            return Err(CertificateError::OtherHost(host.to_owned()));
        }
        let validity = leaf.tbs_certificate.validity;
        Ok(Self {
            chain: chain.to_owned(),
            key: Zeroizing::new(key.to_owned()),
            facts: CertificateFacts {
                fingerprint: sha256(&der),
                issuer: leaf.tbs_certificate.issuer.to_string(),
                from: validity.not_before.to_unix_duration().as_secs(),
                until: validity.not_after.to_unix_duration().as_secs(),
            },
        })
    }

    /// The certificate and what leads to its authority, PEM.
    pub fn chain(&self) -> &str {
        &self.chain
    }

    /// Its private key, PEM.
    pub fn expose_key(&self) -> &str {
        &self.key
    }

    /// What people are told of it.
    pub fn facts(&self) -> &CertificateFacts {
        &self.facts
    }
}

impl LocalAuthority {
    /// A new authority for a host, with a name that people know it by.
    ///
    /// # Errors
    /// [`CertificateError::NoHost`], [`CertificateError::Making`].
    pub fn create(
        name: &str,
        host: &str,
        from: u64,
        lasts: Duration,
    ) -> Result<Self, CertificateError> {
        let until = from.saturating_add(lasts.as_secs());
        let key = KeyPair::generate().map_err(making)?;
        let mut params = authority(name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![subtree(host)?],
            excluded_subtrees: vec![],
        });
        (params.not_before, params.not_after) = (date(from)?, date(until)?);
        Ok(Self {
            certificate: params.self_signed(&key).map_err(making)?.pem(),
            key,
            name: name.to_owned(),
            host: host.to_owned(),
            until,
        })
    }

    /// The authority as it was kept: its certificate and its key in PEM.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn from_pem(
        certificate: &str,
        key: &str,
        name: &str,
        host: &str,
    ) -> Result<Self, CertificateError> {
        let der = certificates(certificate)?;
        let der = der.first().ok_or(CertificateError::NoCertificate)?;
        let known = Certificate::from_der(der).map_err(|_| CertificateError::Unreadable(1))?;
        let until = known.tbs_certificate.validity.not_after;
        Ok(Self {
            certificate: certificate.to_owned(),
            key: KeyPair::from_pem(key).map_err(|_| CertificateError::NoKey)?,
            name: name.to_owned(),
            host: host.to_owned(),
            until: until.to_unix_duration().as_secs(),
        })
    }

    /// A certificate for the host, and no longer than the authority's own.
    ///
    /// # Errors
    /// [`CertificateError::Making`].
    pub fn issue(&self, from: u64, lasts: Duration) -> Result<ServerCertificate, CertificateError> {
        let mut params = CertificateParams::new(vec![self.host.clone()]).map_err(making)?;
        params
            .distinguished_name
            .push(DnType::CommonName, self.host.as_str());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let until = from.saturating_add(lasts.as_secs()).min(self.until);
        (params.not_before, params.not_after) = (date(from)?, date(until)?);
        let key = KeyPair::generate().map_err(making)?;
        let issuer = Issuer::new(authority(&self.name), &self.key);
        let certificate = params.signed_by(&key, &issuer).map_err(making)?.pem();
        let key = Zeroizing::new(key.serialize_pem());
        ServerCertificate::read(&certificate, &key, &self.host)
    }

    /// Its certificate, which browsers are told to trust: PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Its private key, PEM.
    pub fn expose_key(&self) -> Zeroizing<String> {
        Zeroizing::new(self.key.serialize_pem())
    }

    /// When it ends.
    pub fn until(&self) -> u64 {
        self.until
    }

    /// SHA-256 of its certificate: what browsers show as its fingerprint.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn fingerprint(&self) -> Result<Digest, CertificateError> {
        let der = certificates(&self.certificate)?;
        Ok(sha256(der.first().ok_or(CertificateError::NoCertificate)?))
    }
}

/// What an authority of this name signs as, however often it is read back.
fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .zip(1..)
        .map(|(found, n)| found.map_err(|_| CertificateError::Unreadable(n)))
        .collect()
}

fn is_authority(certificate: &Certificate) -> bool {
    let constraints = certificate.tbs_certificate.get::<Constraints>();
    matches!(constraints, Ok(Some((_, Constraints { ca: true, .. }))))
}

fn subtree(host: &str) -> Result<GeneralSubtree, CertificateError> {
    match ServerName::try_from(host) {
        Ok(ServerName::DnsName(_)) => Ok(GeneralSubtree::DnsName(host.to_owned())),
        Ok(ServerName::IpAddress(address)) => {
            let address = IpAddr::from(address);
            let bits = if address.is_ipv4() { 32 } else { 128 };
            Ok(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(
                address, bits,
            )))
        }
        _ => Err(CertificateError::NoHost(host.to_owned())),
    }
}

fn date(seconds: u64) -> Result<OffsetDateTime, CertificateError> {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).map_err(making)
}

fn making(error: impl std::fmt::Display) -> CertificateError {
    CertificateError::Making(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "plates.ashford-falls.example";
    const NOW: u64 = 1_800_000_000;
    const DAY: Duration = Duration::from_hours(24);

    fn local(host: &str) -> LocalAuthority {
        LocalAuthority::create("Lictor of Ashford Falls", host, NOW, 3650 * DAY).unwrap()
    }

    /// As a browser does that was told to trust the authority.
    fn trusted(authority: &LocalAuthority, shown: &ServerCertificate, host: &str, at: u64) -> bool {
        let root = certificates(authority.certificate()).unwrap().remove(0);
        let anchors = [webpki::anchor_from_trusted_cert(&root).unwrap().to_owned()];
        let leaf = certificates(shown.chain()).unwrap().remove(0);
        let leaf = webpki::EndEntityCert::try_from(&leaf).unwrap();
        let verified = leaf.verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &[],
            rustls::pki_types::UnixTime::since_unix_epoch(Duration::from_secs(at)),
            webpki::KeyUsage::server_auth(),
            None,
            None,
        );
        let name = ServerName::try_from(host).unwrap();
        verified.is_ok() && leaf.verify_is_valid_for_subject_name(&name).is_ok()
    }

    #[test]
    fn what_the_authority_issues_is_trusted_for_the_host_and_its_time() {
        for host in [HOST, "10.0.0.7", "2001:db8::7"] {
            let authority = local(host);
            let shown = authority.issue(NOW, 90 * DAY).unwrap();
            assert!(trusted(&authority, &shown, host, NOW + 60), "{host}");
            assert!(!trusted(&authority, &shown, host, NOW + 91 * 86_400));
            assert!(!trusted(&authority, &shown, "elsewhere.example", NOW + 60));
        }
    }

    #[test]
    fn an_authority_read_back_issues_what_the_same_browsers_trust() {
        let authority = local(HOST);
        let again = LocalAuthority::from_pem(
            authority.certificate(),
            &authority.expose_key(),
            "Lictor of Ashford Falls",
            HOST,
        )
        .unwrap();
        let shown = again.issue(NOW + 60 * 86_400, 90 * DAY).unwrap();
        assert!(trusted(&authority, &shown, HOST, NOW + 100 * 86_400));
        assert_eq!(again.until(), NOW + 3650 * 86_400);
    }

    #[test]
    fn an_authority_is_believed_for_no_other_host() {
        let authority = local(HOST);
        let thief = LocalAuthority {
            host: "bank.example".to_owned(),
            ..authority
        };
        let forged = thief.issue(NOW, 90 * DAY).unwrap();
        assert!(!trusted(&thief, &forged, "bank.example", NOW + 60));
    }

    #[test]
    fn what_cannot_be_shown_is_refused_with_its_reason() {
        let authority = local(HOST);
        let good = authority.issue(NOW, DAY).unwrap();
        let other = authority.issue(NOW, DAY).unwrap();
        let (chain, key) = (good.chain(), good.expose_key());
        let refused = |chain: &str, key: &str, host: &str, at: u64| {
            ServerCertificate::judge(chain, key, host, at)
                .err()
                .unwrap()
        };
        assert_eq!(refused("", key, HOST, NOW), CertificateError::NoCertificate);
        assert_eq!(
            refused(key, key, HOST, NOW),
            CertificateError::NoCertificate
        );
        assert_eq!(refused(chain, chain, HOST, NOW), CertificateError::NoKey);
        assert_eq!(
            refused(chain, other.expose_key(), HOST, NOW),
            CertificateError::OtherKey
        );
        assert_eq!(
            refused(chain, key, "other.example", NOW),
            CertificateError::OtherHost("other.example".to_owned())
        );
        assert_eq!(refused(chain, key, HOST, NOW - 1), CertificateError::NotYet);
        assert_eq!(
            refused(chain, key, HOST, NOW + 86_400),
            CertificateError::Ended
        );
        assert_eq!(
            refused(authority.certificate(), key, HOST, NOW),
            CertificateError::AuthorityFirst
        );
        let doubled = format!("{chain}{}", other.chain());
        assert_eq!(
            refused(&doubled, key, HOST, NOW),
            CertificateError::OutOfOrder(1)
        );
        let whole = format!("{chain}{}", authority.certificate());
        assert!(ServerCertificate::judge(&whole, key, HOST, NOW).is_ok());
    }
}
