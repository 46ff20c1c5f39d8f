//! The rules, read from `policy/` and checked as a whole before anything is decided by them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cedar_policy::{Effect, PolicyId, PolicySet, Schema, ValidationMode, Validator};
use crypt::{Digest, KnownBad, PasswordRules, sha256_of};
use hotlist::Mapping;
use plate::Jurisdiction;
use serde::Deserialize;
use thiserror::Error;

use crate::act::AlertName;
use crate::audit::AuditRules;
use crate::by_act::RulesByAct;
use crate::clause::{Clause, Clauses};
use crate::content::{Class, Role};
use crate::decide::Kinds;
use crate::prohibited::Prohibited;
use crate::release::ReleaseRules;
use crate::reports::ReportRules;
use crate::retention::{KeepingRules, Preset};
use crate::security::{self, Security};
use crate::tripwire::Tripwire;

/// The files of `policy/`, as text.
#[derive(Clone, Debug)]
pub struct PolicyFiles(Vec<(Cow<'static, str>, String)>);

/// Where the mappings lie by which hotlists are read.
const HOTLISTS: &str = "hotlists/";
/// Where the prohibited purposes lie, a file a state.
const PROHIBITED: &str = "prohibited/";
/// Where the texts lie that go with evidence.
const EVIDENCE: &str = "evidence/";

macro_rules! embedded {
    ($($name:literal),+) => {
        PolicyFiles(vec![$((Cow::Borrowed($name), include_str!(concat!("../../../policy/", $name)).to_owned())),+])
    };
}

impl PolicyFiles {
    /// The ones this binary was built with.
    pub fn embedded() -> Self {
        embedded!(
            "access.cedar",
            "alerts.toml",
            "audits.toml",
            "classes.toml",
            "clauses.toml",
            "device-classes.toml",
            "evidence/certificate-federal.txt",
            "evidence/certificate-illinois.txt",
            "evidence/process.txt",
            "hotlists/fixed-width.toml",
            "hotlists/illinois-changes.toml",
            "hotlists/illinois-extract.toml",
            "known-bad-passwords.txt",
            "prohibited/illinois.toml",
            "prohibited/speech.toml",
            "purposes.toml",
            "release.toml",
            "reports.toml",
            "retention-presets.toml",
            "retention.toml",
            "roles.toml",
            "schema.cedarschema",
            "security.toml",
            "tripwires.toml"
        )
    }

    /// The same for a department in this state: agencies of every other are out of state.
    pub fn at_home_in(mut self, state: Jurisdiction) -> Self {
        let release = self.0.iter_mut().find(|(name, _)| name == "release.toml");
        if let Some((_, text)) = release {
            let line = |line: &str| match line.starts_with("home = ") {
                true => format!("home = \"{state}\"\n"),
                false => format!("{line}\n"),
            };
            *text = text.lines().map(line).collect();
        }
        self
    }

    /// The ones in a folder, which must have every file but the mappings of hotlists, the files of
    /// prohibited purposes and the texts that go with evidence: of those, the ones that are there.
    ///
    /// # Errors
    /// [`PolicyError::File`] names the one that cannot be read.
    pub fn in_folder(folder: &Path) -> Result<Self, PolicyError> {
        let embedded = Self::embedded().0.into_iter().map(|(name, _)| name);
        const FOLDERS: [(&str, &str); 3] = [
            (HOTLISTS, ".toml"),
            (PROHIBITED, ".toml"),
            (EVIDENCE, ".txt"),
        ];
        let mut found = Vec::new();
        for (name, kind) in FOLDERS {
            found.extend(texts(folder, name, kind)?);
        }
        let names = embedded
            .filter(|name| !FOLDERS.iter().any(|(folder, _)| name.starts_with(folder)))
            .chain(found);
        names
            .map(|name| match std::fs::read_to_string(folder.join(&*name)) {
                Ok(text) => Ok((name, text)),
                Err(e) => Err(unreadable(name, &e)),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Name and text of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (&**name, text.as_str()))
    }

    fn text(&self, wanted: &str) -> &str {
        self.iter()
            .find(|(name, _)| *name == wanted)
            .map_or("", |(_, text)| text)
    }

    fn digest(&self) -> Digest {
        let parts: Vec<&[u8]> = self
            .iter()
            .flat_map(|(name, text)| [name.as_bytes(), b"\0", text.as_bytes(), b"\0"])
            .collect();
        sha256_of(&parts)
    }
}

/// The files of a kind in a folder of the rules; none where there is no such folder.
fn texts(
    rules: &Path,
    folder: &'static str,
    kind: &str,
) -> Result<Vec<Cow<'static, str>>, PolicyError> {
    let unreadable = |error: &std::io::Error| unreadable(Cow::Borrowed(folder), error);
    let found = match std::fs::read_dir(rules.join(folder)) {
        Ok(found) => found,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(unreadable(&error)),
    };
    let mut names = Vec::new();
    for file in found {
        let name = file.map_err(|error| unreadable(&error))?.file_name();
        if let Some(name) = name.to_str().filter(|name| name.ends_with(kind)) {
            names.push(Cow::Owned(format!("{folder}{name}")));
        }
    }
    names.sort();
    Ok(names)
}

fn unreadable(file: Cow<'static, str>, error: &std::io::Error) -> PolicyError {
    PolicyError::File {
        file,
        reason: error.to_string(),
    }
}

/// Rules that cannot be put in force, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// A file that is missing or cannot be read.
    #[error("policy/{file} cannot be read: {reason}")]
    File {
        /// Which.
        file: Cow<'static, str>,
        /// Why.
        reason: String,
    },
    /// A file that does not say what it should.
    #[error("policy/{file}: {reason}")]
    Content {
        /// Which.
        file: Cow<'static, str>,
        /// Why.
        reason: String,
    },
}

/// A purpose of `policy/purposes.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Its code, as it stands in the ledger.
    pub code: String,
    /// Its name for people.
    pub says: String,
    /// Whether it needs a case or call number.
    #[serde(default)]
    pub needs_case: bool,
    /// Whether it needs a sentence of why.
    #[serde(default)]
    pub needs_words: bool,
    /// Whether it needs a supervisor's approval.
    #[serde(default)]
    pub needs_supervisor: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purposes {
    approval_hours: u32,
    purpose: Vec<Purpose>,
}

/// A class of confidential data, of `policy/classes.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassText {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub says: String,
    /// Whom a member asks who may not see it.
    pub ask: String,
    /// Whether every record of a hotlist of this class takes the authorisation, not its restricted
    /// ones alone.
    #[serde(default)]
    pub whole_lists: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Presets {
    preset: Vec<Preset>,
}

/// A kind of machine that members log in from, of `policy/device-classes.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceClass {
    /// Its id.
    pub id: String,
    /// Its name for people.
    pub says: String,
    /// Whether a session on it locks when it is left alone.
    pub locks: bool,
    /// What allows that.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceClasses {
    class: Vec<DeviceClass>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Classes {
    class: Vec<ClassText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleText {
    id: String,
    says: String,
    /// Given by the Deputy Chief alone.
    #[serde(default)]
    office: bool,
    /// Given by two people.
    #[serde(default)]
    two_people: bool,
    /// Given without a last day.
    #[serde(default)]
    always_held: bool,
    /// Approves what needs a supervisor.
    #[serde(default)]
    supervises: bool,
    /// Answers the questions that tripwires open.
    #[serde(default)]
    reviews: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tripwires {
    tripwire: Vec<Tripwire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    role: Vec<RoleText>,
}

/// The mappings among the files, by name.
fn hotlists(files: &PolicyFiles) -> Result<BTreeMap<String, Mapping>, PolicyError> {
    let named = files.iter().filter_map(|(file, text)| {
        let name = file.strip_prefix(HOTLISTS)?.strip_suffix(".toml")?;
        Some((file, name, text))
    });
    named
        .map(|(file, name, text)| match Mapping::from_toml(text) {
            Ok(mapping) => Ok((name.to_owned(), mapping)),
            Err(e) => Err(PolicyError::Content {
                file: file.to_owned().into(),
                reason: e.to_string(),
            }),
        })
        .collect()
}

/// The prohibited purposes among the files.
fn prohibited(files: &PolicyFiles) -> Result<Prohibited, PolicyError> {
    let mut prohibited = Prohibited::default();
    for (file, text) in files
        .iter()
        .filter(|(file, _)| file.starts_with(PROHIBITED))
    {
        prohibited
            .add(text)
            .map_err(|reason| PolicyError::Content {
                file: file.to_owned().into(),
                reason,
            })?;
    }
    if prohibited.purposes().is_empty() {
        return Err(PolicyError::Content {
            file: PROHIBITED.into(),
            reason: "it names no prohibited purpose: put a state's file there".to_owned(),
        });
    }
    Ok(prohibited)
}

/// The rules in force.
pub struct Policy {
    pub(crate) rules: PolicySet,
    pub(crate) by_act: RulesByAct,
    pub(crate) kinds: Kinds,
    pub(crate) schema: Schema,
    purposes: Purposes,
    roles: Vec<RoleText>,
    classes: Vec<ClassText>,
    device_classes: Vec<DeviceClass>,
    presets: Vec<Preset>,
    keeping: KeepingRules,
    audits: AuditRules,
    reports: ReportRules,
    tripwires: Vec<Tripwire>,
    clauses: Vec<Clause>,
    security: Security,
    passwords: PasswordRules,
    alerts: hotlist::Rules,
    hotlists: BTreeMap<String, Mapping>,
    prohibited: Prohibited,
    release: ReleaseRules,
    evidence: Vec<(String, String)>,
    digest: Digest,
}

impl Policy {
    /// Reads and checks the rules: the Cedar policies against their schema, every rule against the
    /// clauses, every refusal for the words it owes the member.
    ///
    /// # Errors
    /// The first thing that is wrong, by file.
    pub fn load(files: &PolicyFiles) -> Result<Self, PolicyError> {
        let wrong = |file: &'static str, reason: String| PolicyError::Content {
            file: file.into(),
            reason,
        };
        let (schema, _warnings) = Schema::from_cedarschema_str(files.text("schema.cedarschema"))
            .map_err(|e| wrong("schema.cedarschema", e.to_string()))?;
        let rules: PolicySet = files
            .text("access.cedar")
            .parse()
            .map_err(|e: cedar_policy::ParseErrors| wrong("access.cedar", e.to_string()))?;
        let validated = Validator::new(schema.clone()).validate(&rules, ValidationMode::Strict);
        if let Some(error) = validated.validation_errors().next() {
            return Err(wrong("access.cedar", error.to_string()));
        }
        fn toml<T: for<'a> Deserialize<'a>>(
            files: &PolicyFiles,
            file: &'static str,
        ) -> Result<T, PolicyError> {
            toml::from_str(files.text(file)).map_err(|e| PolicyError::Content {
                file: file.into(),
                reason: e.to_string(),
            })
        }
        let security: Security = toml(files, "security.toml")?;
        security
            .check()
            .map_err(|reason| wrong("security.toml", reason))?;
        let passwords = PasswordRules {
            shortest: security.password_characters(),
            known_bad: KnownBad::from_list(files.text("known-bad-passwords.txt")),
        };
        if passwords.known_bad.is_empty() {
            return Err(wrong(
                "known-bad-passwords.txt",
                "it is empty; IA-5 wants passwords compared with a list of known-bad ones"
                    .to_owned(),
            ));
        }
        let by_act = RulesByAct::of(&rules, &schema).map_err(|e| wrong("access.cedar", e))?;
        let policy = Self {
            rules,
            by_act,
            kinds: Kinds::read().map_err(|e| wrong("schema.cedarschema", e))?,
            schema,
            purposes: toml::<Purposes>(files, "purposes.toml")?,
            roles: toml::<Roles>(files, "roles.toml")?.role,
            classes: toml::<Classes>(files, "classes.toml")?.class,
            device_classes: toml::<DeviceClasses>(files, "device-classes.toml")?.class,
            presets: toml::<Presets>(files, "retention-presets.toml")?.preset,
            keeping: toml(files, "retention.toml")?,
            audits: toml(files, "audits.toml")?,
            reports: toml(files, "reports.toml")?,
            tripwires: toml::<Tripwires>(files, "tripwires.toml")?.tripwire,
            clauses: toml::<Clauses>(files, "clauses.toml")?.clause,
            security,
            passwords,
            alerts: hotlist::Rules::from_toml(files.text("alerts.toml"))
                .map_err(|e| wrong("alerts.toml", e.to_string()))?,
            hotlists: hotlists(files)?,
            prohibited: prohibited(files)?,
            evidence: files
                .iter()
                .filter_map(|(name, text)| Some((name.strip_prefix(EVIDENCE)?, text)))
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .collect(),
            release: toml(files, "release.toml")?,
            digest: files.digest(),
        };
        policy.check()?;
        Ok(policy)
    }

    fn check(&self) -> Result<(), PolicyError> {
        for rule in self.alerts.escalations() {
            if self.role(&Role(rule.to.clone())).is_none() {
                return Err(PolicyError::Content {
                    file: "alerts.toml".into(),
                    reason: format!("alerts go to {:?}, which is no role", rule.to),
                });
            }
        }
        let wrong = |file: &'static str, reason: String| {
            Err(PolicyError::Content {
                file: file.into(),
                reason,
            })
        };
        let clauses: BTreeSet<&str> = self.clauses.iter().map(|c| c.id.as_str()).collect();
        let mut ids = BTreeSet::new();
        for rule in self.rules.policies() {
            let annotation = |key: &str| rule.annotation(key).unwrap_or_default();
            let id = annotation("id");
            if id.is_empty() || !ids.insert(id) {
                return wrong(
                    "access.cedar",
                    format!("a rule has no @id of its own: {rule}"),
                );
            }
            if !clauses.contains(annotation("clause")) {
                return wrong(
                    "access.cedar",
                    format!("rule {id} names no clause of clauses.toml"),
                );
            }
            if rule.effect() == Effect::Forbid
                && (annotation("says").is_empty() || annotation("cure").is_empty())
            {
                return wrong(
                    "access.cedar",
                    format!("rule {id} refuses without @says and @cure"),
                );
            }
        }
        if let Some(fault) = Clauses::fault(&self.clauses) {
            return wrong("clauses.toml", fault);
        }
        if let Err(reason) = self.audits.check(&self.acts()) {
            return wrong("audits.toml", reason);
        }
        if let Err(reason) = self.reports.check(&self.acts()) {
            return wrong("reports.toml", reason);
        }
        if let Err(reason) = self.release.check() {
            return wrong("release.toml", reason);
        }
        if let Err(reason) = self.keeping.check() {
            return wrong("retention.toml", reason);
        }
        // An id stands in the search's own text, between bars.
        let plain =
            |id: &str| !id.is_empty() && id.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if let Some(class) = self.classes.iter().find(|class| !plain(&class.id)) {
            return wrong(
                "classes.toml",
                format!("{:?} is no id: small letters and hyphens", class.id),
            );
        }
        if let Some(class) = self.device_classes.iter().find(|class| !plain(&class.id)) {
            return wrong(
                "device-classes.toml",
                format!("{:?} is no id: small letters and hyphens", class.id),
            );
        }
        let unfounded = |class: &&DeviceClass| !class.locks && class.source.trim().is_empty();
        if let Some(class) = self.device_classes.iter().find(unfounded) {
            return wrong(
                "device-classes.toml",
                format!(
                    "{} does not lock, and names no source that allows it",
                    class.id
                ),
            );
        }
        Ok(())
    }

    /// The numbers that alerts go by.
    pub fn alerts(&self) -> &hotlist::Rules {
        &self.alerts
    }

    /// How hotlists can be read: the mappings by name.
    pub fn hotlists(&self) -> &BTreeMap<String, Mapping> {
        &self.hotlists
    }

    /// The purposes for which nothing may be used.
    pub fn prohibited(&self) -> &Prohibited {
        &self.prohibited
    }

    /// The texts that go with evidence, of `policy/evidence/`: each file's name, and what it says.
    pub fn evidence_texts(&self) -> &[(String, String)] {
        &self.evidence
    }

    /// How data leave for another agency.
    pub fn release(&self) -> &ReleaseRules {
        &self.release
    }

    /// The purpose of this code.
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        let mut purposes = self.purposes.purpose.iter();
        purposes.find(|purpose| purpose.code == code)
    }

    /// Every purpose.
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes.purpose
    }

    /// For how many hours at most a supervisor approves searches.
    pub fn approval_hours(&self) -> u32 {
        self.purposes.approval_hours
    }

    /// Whether whoever holds these roles approves what needs a supervisor.
    pub fn supervises(&self, roles: &[Role]) -> bool {
        let mut known = roles.iter().filter_map(|role| self.role_text(role));
        known.any(|role| role.supervises)
    }

    /// A role's name for people, if there is such a role.
    pub fn role(&self, role: &Role) -> Option<&str> {
        self.role_text(role).map(|known| known.says.as_str())
    }

    /// Whether a role is an office; one that there is not counts as one.
    pub fn is_office(&self, role: &Role) -> bool {
        self.role_text(role).is_none_or(|known| known.office)
    }

    /// Whether a role is given by two people.
    pub fn takes_two_people(&self, role: &Role) -> bool {
        self.role_text(role).is_some_and(|known| known.two_people)
    }

    /// Whether somebody holds the role at all times.
    pub fn is_always_held(&self, role: &Role) -> bool {
        self.role_text(role).is_some_and(|known| known.always_held)
    }

    /// Whether whoever holds these roles answers the questions that tripwires open.
    pub fn reviews(&self, roles: &[Role]) -> bool {
        let mut known = roles.iter().filter_map(|role| self.role_text(role));
        known.any(|role| role.reviews)
    }

    /// What opens a question to a reviewer.
    pub fn tripwires(&self) -> &[Tripwire] {
        &self.tripwires
    }

    /// The tripwire of this id.
    pub fn tripwire(&self, id: &str) -> Option<&Tripwire> {
        self.tripwires.iter().find(|known| known.id == id)
    }

    /// Whether a number has the form of a call's, as a tripwire knows it.
    pub fn is_call(&self, number: &str) -> bool {
        let mut forms = self.tripwires.iter().flat_map(Tripwire::calls);
        forms.any(|form| security::fits(form, number.trim()))
    }

    /// What states set or propose for how long data are kept.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The preset of this id.
    pub fn preset(&self, id: &str) -> Option<&Preset> {
        self.presets.iter().find(|known| known.id == id)
    }

    /// Which numbers each report has.
    pub fn reports(&self) -> &ReportRules {
        &self.reports
    }

    /// How the use of the data is audited.
    pub fn audits(&self) -> &AuditRules {
        &self.audits
    }

    /// What stands around the times that two people set for how long data are kept.
    pub fn keeping(&self) -> &KeepingRules {
        &self.keeping
    }

    /// Every class of confidential data.
    pub fn classes(&self) -> &[ClassText] {
        &self.classes
    }

    /// The class of this id.
    pub fn class(&self, class: &Class) -> Option<&ClassText> {
        self.classes.iter().find(|known| known.id == class.0)
    }

    /// Every class of machines that members log in from.
    pub fn device_classes(&self) -> &[DeviceClass] {
        &self.device_classes
    }

    /// The class of this id.
    pub fn device_class(&self, id: &str) -> Option<&DeviceClass> {
        self.device_classes.iter().find(|known| known.id == id)
    }

    /// Whether the record of an alert takes an authorisation to see.
    pub fn is_restricted(&self, alert: &AlertName) -> bool {
        let whole = |class: &ClassText| class.whole_lists;
        alert.restricted || self.class(&alert.class.into()).is_some_and(whole)
    }

    fn role_text(&self, role: &Role) -> Option<&RoleText> {
        self.roles.iter().find(|known| known.id == role.0)
    }

    /// Every role with its name for people.
    pub fn roles(&self) -> impl Iterator<Item = (Role, &str)> {
        self.roles
            .iter()
            .map(|role| (Role(role.id.clone()), role.says.as_str()))
    }

    /// What a clause says, in short.
    pub fn clause(&self, id: &str) -> Option<&str> {
        self.clauses
            .iter()
            .find(|clause| clause.id == id)
            .map(|clause| clause.says.as_str())
    }

    /// Every clause.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The security values.
    pub fn security(&self) -> &Security {
        &self.security
    }

    /// What a password must be.
    pub fn passwords(&self) -> &PasswordRules {
        &self.passwords
    }

    /// SHA-256 over all files: which rules these are.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    pub(crate) fn annotation(&self, rule: &PolicyId, key: &str) -> String {
        self.rules
            .annotation(rule, key)
            .unwrap_or_default()
            .to_owned()
    }
}
