//! The decision.

use cedar_policy::{
    Authorizer, Context, Entity, EntityId, EntityTypeName, EntityUid, ParseErrors,
    RestrictedExpression,
};
use crypt::Digest;
use jiff::Timestamp;
use ledger::{Commitment, Decision, DecisionId, Salt, Verdict};

use crate::act::{Action, expressions};
use crate::content::{Content, Principal};
use crate::policy::Policy;

/// Somebody asks to do something.
pub struct Request<A> {
    /// What.
    pub act: A,
    /// Who.
    pub who: Principal,
    /// In which session: the digest of its secret, never the secret.
    pub session: Option<Digest>,
    /// From where: the network address, or `this machine`.
    pub address: String,
}

/// What a decision needs from outside: time and randomness.
pub struct Moment {
    /// The wall's time.
    pub now: Timestamp,
    /// Whether the time is in doubt.
    pub time_doubtful: bool,
    /// The decision's name, random.
    pub id: DecisionId,
    /// The salt of its commitment, random.
    pub salt: Salt,
}

/// The answer.
pub enum Decided<A> {
    /// It may be done, once this stands in the ledger.
    Granted(Granted<A>),
    /// It may not.
    Refused(Refused),
}

/// An allowed act that is not yet in the ledger. Made by [`decide`] and by nothing else; neither
/// copied nor stored.
pub struct Granted<A> {
    pub(crate) request: Request<A>,
    pub(crate) decision: Decision,
    content: Content,
    pub(crate) salt: Salt,
}

/// A refused act that is not yet in the ledger.
pub struct Refused {
    decision: Decision,
    content: Content,
    salt: Salt,
    /// Every reason there is.
    pub reasons: Vec<Refusal>,
}

/// Why not, for the member to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The clause of the department's policy.
    pub clause: String,
    /// What the clause says, in short.
    pub clause_says: String,
    /// What is missing.
    pub says: String,
    /// What would cure it.
    pub cure: String,
}

impl<A> Granted<A> {
    /// What is to be written in the ledger.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What is to be kept beside it, and its salt.
    pub fn content(&self) -> (&Content, &Salt) {
        (&self.content, &self.salt)
    }
}

impl Refused {
    /// What is to be written in the ledger.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// What is to be kept beside it, and its salt.
    pub fn content(&self) -> (&Content, &Salt) {
        (&self.content, &self.salt)
    }
}

/// Decides by the rules in force. What the rules cannot judge is refused.
pub fn decide<A: Action>(policy: &Policy, request: Request<A>, moment: Moment) -> Decided<A> {
    let judged = judge(policy, &request, &moment).unwrap_or_else(|reason| Judged {
        policies: vec![],
        reasons: vec![Refusal {
            clause: "3(a)".to_owned(),
            clause_says: policy.clause("3(a)").unwrap_or_default().to_owned(),
            says: format!("The rules in force could not be applied to this request ({reason})."),
            cure: "Tell the administrator; the station's rules need mending.".to_owned(),
        }],
        clauses: vec!["3(a)".to_owned()],
        allowed: false,
    });
    let stated = request.act.purpose();
    let (name, badge) = match &request.who {
        Principal::Member(member) => (member.name.clone(), member.badge.clone()),
        Principal::Camera(camera) => (camera.name.clone(), String::new()),
        Principal::Station => ("The station".to_owned(), String::new()),
    };
    let content = Content {
        name,
        badge,
        address: request.address.clone(),
        what: request.act.what(),
        case: stated.and_then(|p| p.case.clone()),
        words: stated.and_then(|p| p.words.clone()),
    };
    // Plain texts serialise to memory without fail; were it to fail, the commitment would be to
    // nothing, and would not open.
    let bytes = serde_json::to_vec(&content).unwrap_or_default();
    let decision = Decision {
        id: moment.id,
        who: request.who.party(),
        session: request.session,
        act: A::NAME.into(),
        // A purpose that is none of the department's is the member's own words: content, not log.
        purpose: stated
            .filter(|p| policy.purpose(&p.code).is_some())
            .map(|p| p.code.clone()),
        verdict: if judged.allowed {
            Verdict::Permit
        } else {
            Verdict::Refuse
        },
        policies: judged.policies,
        clauses: judged.clauses,
        withdraws: request.act.withdraws(),
        counts_as: request.act.counts_as(),
        in_doubt: moment.time_doubtful,
        content: Commitment::to(&moment.salt, &bytes),
    };
    if judged.allowed {
        Decided::Granted(Granted {
            request,
            decision,
            content,
            salt: moment.salt,
        })
    } else {
        Decided::Refused(Refused {
            decision,
            content,
            salt: moment.salt,
            reasons: judged.reasons,
        })
    }
}

struct Judged {
    allowed: bool,
    policies: Vec<String>,
    clauses: Vec<String>,
    reasons: Vec<Refusal>,
}

fn judge<A: Action>(
    policy: &Policy,
    request: &Request<A>,
    moment: &Moment,
) -> Result<Judged, String> {
    let of_act = policy
        .by_act
        .of_act(A::NAME)
        .ok_or_else(|| format!("the schema knows no act {}", A::NAME))?;
    let entity = principal(policy, &request.who)?;
    let principal = entity.uid();
    // The act's own entity is there already, so that the schema's many others need not be.
    let entities = of_act
        .act
        .clone()
        .add_entities([entity], Some(&policy.schema))
        .map_err(|e| e.to_string())?;
    let now = (
        "now".to_owned(),
        RestrictedExpression::new_long(moment.now.as_second()),
    );
    let doubtful = A::NEEDS_TIME.then(|| {
        let doubtful = RestrictedExpression::new_bool(moment.time_doubtful);
        ("time_doubtful".to_owned(), doubtful)
    });
    let facts = expressions(request.act.facts(&request.who, policy));
    let context = Context::from_pairs(std::iter::once(now).chain(doubtful).chain(facts))
        .map_err(|e| e.to_string())?;
    let asked = cedar_policy::Request::new(
        principal,
        Kinds::uid(&policy.kinds.action, A::NAME),
        Kinds::uid(&policy.kinds.station, HERE),
        context,
        Some(&policy.schema),
    )
    .map_err(|e| e.to_string())?;
    let answer = Authorizer::new().is_authorized(&asked, &of_act.rules, &entities);
    // A rule that fails to evaluate would be skipped; one that forbids must never be.
    if let Some(error) = answer.diagnostics().errors().next() {
        return Err(error.to_string());
    }
    let mut judged = Judged {
        allowed: answer.decision() == cedar_policy::Decision::Allow,
        policies: vec![],
        clauses: vec![],
        reasons: vec![],
    };
    let mut deciding: Vec<_> = answer.diagnostics().reason().collect();
    deciding.sort_by_key(|rule| policy.annotation(rule, "id"));
    for rule in deciding {
        let clause = policy.annotation(rule, "clause");
        judged.policies.push(policy.annotation(rule, "id"));
        if !judged.allowed {
            judged.reasons.push(Refusal {
                clause_says: policy.clause(&clause).unwrap_or_default().to_owned(),
                clause: clause.clone(),
                says: policy.annotation(rule, "says"),
                cure: policy.annotation(rule, "cure"),
            });
        }
        if !judged.clauses.contains(&clause) {
            judged.clauses.push(clause);
        }
    }
    if !judged.allowed && judged.reasons.is_empty() {
        // No rule permits it: the member's roles do not include it.
        judged.clauses.push("2".to_owned());
        judged.reasons.push(Refusal {
            clause: "2".to_owned(),
            clause_says: policy.clause("2").unwrap_or_default().to_owned(),
            says: "Your roles do not include this.".to_owned(),
            cure:
                "If your duties need it, the Deputy Chief can assign you a role that includes it."
                    .to_owned(),
        });
    }
    Ok(judged)
}

pub(crate) fn principal(policy: &Policy, who: &Principal) -> Result<Entity, String> {
    let kinds = &policy.kinds;
    Ok(match who {
        Principal::Member(member) => {
            let trained_until = member.trained_until.map_or(0, Timestamp::as_second);
            let roles = member
                .roles
                .iter()
                .map(|role| Kinds::uid(&kinds.role, &role.0))
                .collect();
            let attributes = [(
                "trained_until".to_owned(),
                RestrictedExpression::new_long(trained_until),
            )];
            Entity::new(
                Kinds::uid(&kinds.member, &member.id.to_string()),
                attributes.into(),
                roles,
            )
            .map_err(|e| e.to_string())?
        }
        Principal::Camera(camera) => {
            Entity::new_no_attrs(Kinds::uid(&kinds.camera, &camera.id.to_string()), [].into())
        }
        Principal::Station => Entity::new_no_attrs(Kinds::uid(&kinds.station, HERE), [].into()),
    })
}

/// The one station that is judged for.
pub(crate) const HERE: &str = "here";

/// The kinds of the schema, read once: reading a name takes longer than judging by it.
pub(crate) struct Kinds {
    member: EntityTypeName,
    camera: EntityTypeName,
    pub(crate) station: EntityTypeName,
    role: EntityTypeName,
    pub(crate) action: EntityTypeName,
}

impl Kinds {
    pub(crate) fn read() -> Result<Self, String> {
        let kind = |name: &str| name.parse().map_err(|e: ParseErrors| e.to_string());
        Ok(Self {
            member: kind("Member")?,
            camera: kind("Camera")?,
            station: kind("Station")?,
            role: kind("Role")?,
            action: kind("Action")?,
        })
    }

    pub(crate) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
    }
}
