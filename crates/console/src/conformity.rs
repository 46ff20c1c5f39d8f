//! Whether the station does what the policy says, for programs.

use axum::Json;
use axum::extract::{Query, State};
use govern::ReviewPolicy;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::Member;

#[derive(Deserialize, IntoParams)]
pub(crate) struct ConformityQuery {
    /// How many days back the evidence goes: 30, if it is not said; 366 at most.
    pub(crate) days: Option<u16>,
}

impl ConformityQuery {
    pub(crate) fn review(&self) -> ReviewPolicy {
        ReviewPolicy {
            days: self.days.unwrap_or(30).clamp(1, 366),
        }
    }
}

/// The policy in force, and how it stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct Conformity {
    /// SHA-256 over the rules in force.
    policy: String,
    /// The evidence is of the entries after this time, UTC …
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// … up to this.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How many entries those are.
    entries: u64,
    /// What of the ledger is lost, a sentence each time.
    lost: Vec<String>,
    /// Every clause.
    clauses: Vec<Standing>,
}

/// How it stands with a clause.
#[derive(Serialize, ToSchema)]
struct Standing {
    /// Its number.
    clause: String,
    /// What it says, in short.
    says: String,
    /// Whether tests prove it, as the station's program was built.
    held: bool,
    /// What is missing, if it is open.
    missing: String,
    /// The rules in force that carry it.
    rules: Vec<Rule>,
    /// The tests that prove it: names, `*` for the rest of one.
    tests: Vec<String>,
    /// What the ledger and the store say.
    evidence: Vec<Evidence>,
}

/// A rule in force.
#[derive(Serialize, ToSchema)]
struct Rule {
    /// Its name.
    id: String,
    /// Whether it refuses; else it permits.
    refuses: bool,
    /// What a refusal tells the member.
    says: String,
    /// The rule itself.
    text: String,
}

/// A number that was counted.
#[derive(Serialize, ToSchema)]
struct Evidence {
    /// Its name.
    name: String,
    /// What was counted.
    says: String,
    /// How many.
    value: u64,
    /// Of how many, where that is the point.
    of: Option<u64>,
}

/// `GET /api/conformity?days=N`.
pub(crate) async fn conformity(
    State(house): State<House>,
    member: Result<Member, Failure>,
    Query(query): Query<ConformityQuery>,
) -> Result<Json<Conformity>, Refused> {
    let caller = member?.caller();
    let conformity = house
        .ask(move |station| station.conformity(&caller, query.review()))
        .await?;
    Ok(Json(Conformity {
        policy: conformity.policy,
        since: conformity.since,
        until: conformity.until,
        entries: conformity.entries,
        lost: conformity.lost,
        clauses: conformity.clauses.into_iter().map(Standing::from).collect(),
    }))
}

impl From<station::Standing> for Standing {
    fn from(standing: station::Standing) -> Self {
        Self {
            clause: standing.clause,
            says: standing.says,
            held: standing.held,
            missing: standing.missing,
            rules: standing.rules.into_iter().map(Rule::from).collect(),
            tests: standing.tests,
            evidence: standing.evidence.into_iter().map(Evidence::from).collect(),
        }
    }
}

impl From<govern::Rule> for Rule {
    fn from(rule: govern::Rule) -> Self {
        Self {
            id: rule.id,
            refuses: rule.refuses,
            says: rule.says,
            text: rule.text,
        }
    }
}

impl From<station::Evidence> for Evidence {
    fn from(evidence: station::Evidence) -> Self {
        Self {
            name: evidence.name,
            says: evidence.says,
            value: evidence.value,
            of: evidence.of,
        }
    }
}
