//! Single sign-on by OpenID Connect: authorization code with PKCE.
//!
//! A provider says who somebody is, in place of the password and of nothing else. It makes no member
//! and gives no role; the second factor, the notice, the locks and the limits of a session are the
//! station's own, as at any login.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use crypt::{Digest, ExpectedIdToken, ProviderKeys, sha256};
use govern::{MemberId, MemberStatus};
use ledger::Verdict;
use serde::Deserialize;
use store::Member;
use url::Url;
use url::form_urlencoded;

use crate::{LoginRefused, Station, StationError, lock};

/// How long somebody may take at the provider, and again with the second factor.
const LONGEST: Duration = Duration::from_secs(10 * 60);
/// Sign-ons that are waited for; beyond that the oldest is forgotten.
const MOST_WAITING: usize = 1000;
/// Stands with the entry of a login.
pub(crate) const BY_SIGN_ON: &str = "by single sign-on";
/// What was brought, where it names nobody.
pub(crate) const NAMELESS: &str = "a sign-on that names nobody";

/// How the station reaches a provider.
pub trait Reach: Send + Sync {
    /// Fetches what stands at an address.
    ///
    /// # Errors
    /// What the network says; any answer but a success.
    fn get(&self, url: &str) -> io::Result<Vec<u8>>;

    /// Sends a form, urlencoded, with this `Authorization`.
    ///
    /// # Errors
    /// As [`Reach::get`].
    fn post(&self, url: &str, form: &str, authorization: Option<&str>) -> io::Result<Vec<u8>>;
}

/// What the agency says of its provider: the file that `lictor serve --sign-on` names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignOnSettings {
    /// What the login page calls it.
    pub name: String,
    /// The provider's name for itself; its settings stand below it.
    pub issuer: String,
    /// The provider's name for this station.
    pub client_id: String,
    /// A file with the secret that the provider gave this station, if it gave one.
    pub client_secret_file: Option<PathBuf>,
    /// The claim that holds the member's login.
    #[serde(default = "usual_claim")]
    pub claim: String,
    /// What stands behind the login in that claim, such as `@ashford-falls.example`: without it the
    /// claim is nobody's.
    #[serde(default)]
    pub ends_with: String,
    /// The authorities whose certificates the provider may show (PEM); else the machine's own.
    pub authority: Option<PathBuf>,
}

fn usual_claim() -> String {
    "preferred_username".to_owned()
}

/// What the provider publishes of itself.
#[derive(Deserialize)]
struct Published {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: String,
}

/// Single sign-on, as it is set up.
pub(crate) struct SignOn {
    settings: SignOnSettings,
    reach: Arc<dyn Reach>,
    /// By the digest of their state.
    begun: HashMap<Digest, Begun>,
    /// By the digest of their ticket.
    proved: HashMap<Digest, Proved>,
}

/// Somebody who was sent to the provider.
struct Begun {
    at: Duration,
    browser: Digest,
    nonce: String,
    verifier: String,
}

/// Somebody of whom the provider said who they are.
struct Proved {
    at: Duration,
    member: MemberId,
    login: String,
}

/// Where a browser goes next.
pub struct SentOn {
    /// The provider's page.
    pub url: String,
    /// What the browser keeps until it comes back.
    pub browser: String,
}

/// Somebody who came back.
pub struct CameBack {
    /// Good for one attempt with the second factor.
    pub ticket: String,
    /// Who the provider says they are.
    pub login: String,
}

/// What a browser brings back from the provider.
pub struct Brought<'a> {
    /// The state that it was sent with.
    pub state: &'a str,
    /// The code that the token is fetched with.
    pub code: &'a str,
    /// What the browser kept.
    pub browser: &'a str,
    /// From where.
    pub address: &'a str,
}

impl SignOnSettings {
    /// Reads the file.
    ///
    /// # Errors
    /// [`StationError::Input`], with what is wrong in it.
    pub fn read(path: &Path) -> Result<Self, StationError> {
        let wrong =
            |e: &dyn std::fmt::Display| StationError::Input(format!("{}: {e}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|e| wrong(&e))?;
        let settings: Self = toml::from_str(&text).map_err(|e| wrong(&e))?;
        settings.check().map_err(|e| wrong(&e))?;
        Ok(settings)
    }

    fn check(&self) -> Result<(), String> {
        if !is_safe(&self.issuer) {
            return Err("issuer begins with https://".to_owned());
        }
        if self.name.trim().is_empty() || self.client_id.is_empty() || self.claim.is_empty() {
            return Err("name, client_id and claim are not empty".to_owned());
        }
        Ok(())
    }

    fn secret(&self) -> Result<Option<String>, StationError> {
        let Some(path) = &self.client_secret_file else {
            return Ok(None);
        };
        let text = std::fs::read_to_string(path).map_err(|e| StationError::file(path, e))?;
        Ok(Some(text.trim().to_owned()))
    }

    /// The login in what a genuine token says.
    fn login(&self, claims: &crypt::IdClaims) -> Option<String> {
        if self.claim == "email" && !claims.email_is_verified() {
            return None;
        }
        let said = claims.text(&self.claim)?;
        said.strip_suffix(&self.ends_with).map(str::to_owned)
    }
}

/// Over TLS, or on this machine.
fn is_safe(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    })
}

fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

impl Station {
    /// Takes up single sign-on.
    ///
    /// # Errors
    /// [`StationError::Input`] for settings that do not serve; a secret that cannot be read.
    pub fn take_up_sign_on(
        &self,
        settings: SignOnSettings,
        reach: Arc<dyn Reach>,
    ) -> Result<(), StationError> {
        settings.check().map_err(StationError::Input)?;
        settings.secret()?;
        *lock(&self.sign_on) = Some(SignOn {
            settings,
            reach,
            begun: HashMap::new(),
            proved: HashMap::new(),
        });
        Ok(())
    }
}

impl Station {
    /// What the login page calls the provider, where there is one.
    pub fn sign_on_name(&self) -> Option<String> {
        lock(&self.sign_on)
            .as_ref()
            .map(|on| on.settings.name.clone())
    }

    /// Sends somebody to the provider.
    ///
    /// # Errors
    /// [`StationError::Input`] where single sign-on is not set up, or the provider is not as it says.
    pub fn begin_sign_on(&self) -> Result<SentOn, StationError> {
        let (settings, reach) = self.sign_on()?;
        let published = published(&settings, &*reach)?;
        let [state, browser, nonce, verifier] = [(); 4].map(|()| {
            let mut bytes = [0; 32];
            self.random.fill(&mut bytes);
            Digest(bytes).to_string()
        });
        let mut url = Url::parse(&published.authorization_endpoint)
            .map_err(|e| StationError::Input(format!("single sign-on: {e}")))?;
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes()).0);
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("scope", "openid profile email"),
            ("client_id", &settings.client_id),
            ("redirect_uri", &self.sign_on_return()),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        let now = self.clock.monotonic();
        let begun = Begun {
            at: now,
            browser: sha256(browser.as_bytes()),
            nonce,
            verifier,
        };
        if let Some(on) = &mut *lock(&self.sign_on) {
            keep(&mut on.begun, sha256(state.as_bytes()), begun, now);
        }
        Ok(SentOn {
            url: url.into(),
            browser,
        })
    }

    /// Takes what somebody brought back, once, and asks the provider who they are. A refusal stands
    /// in the ledger, with its reason.
    ///
    /// # Errors
    /// [`StationError::Login`] where it is not the provider's word, or not of a member who may come in.
    pub fn come_back(&self, brought: &Brought<'_>) -> Result<CameBack, StationError> {
        let (settings, reach) = self.sign_on()?;
        self.begin_at_address(brought.address)?;
        let begun = {
            let mut on = lock(&self.sign_on);
            let state = sha256(brought.state.as_bytes());
            on.as_mut().and_then(|on| on.begun.remove(&state))
        };
        let now = self.clock.monotonic();
        let begun = begun.filter(|begun| {
            now.saturating_sub(begun.at) < LONGEST
                && begun.browser == sha256(brought.browser.as_bytes())
        });
        let refuse = |member: Option<&Member>, said: &str, why: String, refused: LoginRefused| {
            let mut content = self.content_of(member, brought.address);
            content.what = if said.is_empty() {
                NAMELESS.to_owned()
            } else {
                said.chars().take(64).collect()
            };
            content.words = Some(format!("{BY_SIGN_ON}: {why}"));
            let id = member.map(|member| member.id);
            self.enter_login("login", id, Verdict::Refuse, content, None)?;
            Err(refused.into())
        };
        let Some(begun) = begun else {
            let why = "it began elsewhere, took too long, or was brought before".to_owned();
            return refuse(None, "", why, LoginRefused::SignOnLate);
        };
        let claims = match self.ask_provider(&settings, &*reach, &begun, brought.code) {
            Ok(claims) => claims,
            Err(why) => return refuse(None, "", why, LoginRefused::SignOnNotGenuine),
        };
        let Some(login) = settings.login(&claims) else {
            let why = format!("its {} is no login here", settings.claim);
            return refuse(None, "", why, LoginRefused::SignOnUnknown);
        };
        let Some(member) = self.store.credentials(&login)?.map(|known| known.member) else {
            let why = "nobody here has this login".to_owned();
            return refuse(None, &login, why, LoginRefused::SignOnUnknown);
        };
        let status = self.status(&member);
        if status != MemberStatus::Active {
            let why = format!("the account is {}", status.as_str());
            return refuse(Some(&member), &login, why, LoginRefused::Closed(status));
        }
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        let ticket = Digest(bytes).to_string();
        let proved = Proved {
            at: now,
            member: member.id,
            login: member.login.clone(),
        };
        if let Some(on) = &mut *lock(&self.sign_on) {
            keep(&mut on.proved, sha256(ticket.as_bytes()), proved, now);
        }
        lock(&self.throttle).succeeded(brought.address);
        Ok(CameBack {
            ticket,
            login: member.login,
        })
    }

    /// The login of whom a ticket speaks, once and in time.
    pub(crate) fn take_ticket(&self, ticket: &str) -> Option<(MemberId, String)> {
        let mut on = lock(&self.sign_on);
        let proved = on.as_mut()?.proved.remove(&sha256(ticket.as_bytes()))?;
        let late = self.clock.monotonic().saturating_sub(proved.at) >= LONGEST;
        (!late).then_some((proved.member, proved.login))
    }

    fn sign_on(&self) -> Result<(SignOnSettings, Arc<dyn Reach>), StationError> {
        let on = lock(&self.sign_on);
        let on = on.as_ref();
        on.map(|on| (on.settings.clone(), Arc::clone(&on.reach)))
            .ok_or_else(|| StationError::Input("single sign-on is not set up here".to_owned()))
    }

    /// Where browsers come back to; the provider is told this address beforehand.
    fn sign_on_return(&self) -> String {
        let origin = lock(&self.origin).clone();
        let origin = origin.unwrap_or_else(|| format!("{}://{}", self.scheme(), self.about.host));
        format!("{origin}/sign-on/back")
    }

    /// What the provider says of whoever brought the code, if it is its word; else why not.
    fn ask_provider(
        &self,
        settings: &SignOnSettings,
        reach: &dyn Reach,
        begun: &Begun,
        code: &str,
    ) -> Result<crypt::IdClaims, String> {
        let published = published(settings, reach).map_err(|e| e.to_string())?;
        let unreachable = |e: io::Error| format!("the provider: {e}");
        let back = self.sign_on_return();
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &back),
            ("code_verifier", &begun.verifier),
        ];
        let secret = settings.secret().map_err(|e| e.to_string())?;
        let by_form = |methods: &[String]| methods.iter().any(|one| one == "client_secret_post");
        let mut authorization = None;
        match &secret {
            Some(secret) if by_form(&published.token_endpoint_auth_methods_supported) => {
                fields.extend([
                    ("client_id", &*settings.client_id),
                    ("client_secret", secret),
                ]);
            }
            Some(secret) => {
                let encoded = |text: &str| {
                    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
                };
                let pair = format!("{}:{}", encoded(&settings.client_id), encoded(secret));
                authorization = Some(format!("Basic {}", BASE64_STANDARD.encode(pair)));
            }
            None => fields.push(("client_id", &settings.client_id)),
        }
        let answer = reach
            .post(
                &published.token_endpoint,
                &form(&fields),
                authorization.as_deref(),
            )
            .map_err(unreachable)?;
        let TokenAnswer { id_token } = serde_json::from_slice(&answer)
            .map_err(|_| "the provider answered without an ID token".to_owned())?;
        let keys = reach.get(&published.jwks_uri).map_err(unreachable)?;
        let keys = ProviderKeys::read(&keys).map_err(|e| format!("its keys: {e}"))?;
        let expected = ExpectedIdToken {
            issuer: &settings.issuer,
            audience: &settings.client_id,
            nonce: &begun.nonce,
            now: self.clock.now().as_second(),
        };
        keys.verify(&id_token, &expected)
            .map_err(|e| format!("its token is not taken: {e}"))
    }
}

/// What the provider publishes of itself, if it is the one that was named.
fn published(settings: &SignOnSettings, reach: &dyn Reach) -> Result<Published, StationError> {
    let wrong = |what: String| StationError::Input(format!("single sign-on: {what}"));
    let url = format!(
        "{}/.well-known/openid-configuration",
        settings.issuer.trim_end_matches('/')
    );
    let answer = reach.get(&url).map_err(|e| wrong(format!("{url}: {e}")))?;
    let published: Published =
        serde_json::from_slice(&answer).map_err(|e| wrong(format!("{url}: {e}")))?;
    if published.issuer != settings.issuer {
        return Err(wrong(format!("{url} speaks of another provider")));
    }
    let addresses = [
        &published.authorization_endpoint,
        &published.token_endpoint,
        &published.jwks_uri,
    ];
    if let Some(address) = addresses.into_iter().find(|address| !is_safe(address)) {
        return Err(wrong(format!("{address} is not https")));
    }
    Ok(published)
}

/// What is waited for no longer, and the oldest of too many, is forgotten.
fn keep<T: Waits>(waiting: &mut HashMap<Digest, T>, name: Digest, new: T, now: Duration) {
    waiting.retain(|_, one| now.saturating_sub(one.since()) < LONGEST);
    if waiting.len() >= MOST_WAITING {
        let oldest = waiting.iter().min_by_key(|(_, one)| one.since());
        if let Some(oldest) = oldest.map(|(name, _)| *name) {
            waiting.remove(&oldest);
        }
    }
    waiting.insert(name, new);
}

trait Waits {
    fn since(&self) -> Duration;
}

impl Waits for Begun {
    fn since(&self) -> Duration {
        self.at
    }
}

impl Waits for Proved {
    fn since(&self) -> Duration {
        self.at
    }
}
