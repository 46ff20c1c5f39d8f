//! The rules in force, one by one, for people to read.

use cedar_policy::Effect;

use crate::policy::Policy;

/// A rule of `policy/access.cedar`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub id: String,
    /// The clause that it implements.
    pub clause: String,
    /// Whether it refuses; else it permits.
    pub refuses: bool,
    /// What a refusal tells the member; empty for a rule that permits.
    pub says: String,
    /// What would cure it; empty likewise.
    pub cure: String,
    /// The rule itself, as it stands in the file.
    pub text: String,
}

impl Policy {
    /// Every rule in force, in the file's order.
    pub fn rules(&self) -> Vec<Rule> {
        // Cedar names them policy0, policy1, … as they come.
        let place = |id: &cedar_policy::PolicyId| {
            let id: &str = id.as_ref();
            id.trim_start_matches("policy")
                .parse::<usize>()
                .unwrap_or(usize::MAX)
        };
        let mut policies: Vec<_> = self.rules.policies().collect();
        policies.sort_by_key(|policy| place(policy.id()));
        policies
            .into_iter()
            .map(|policy| Rule {
                id: self.annotation(policy.id(), "id"),
                clause: self.annotation(policy.id(), "clause"),
                refuses: policy.effect() == Effect::Forbid,
                says: self.annotation(policy.id(), "says"),
                cure: self.annotation(policy.id(), "cure"),
                text: policy.to_string(),
            })
            .collect()
    }

    /// The name of every act that the rules know, in order.
    pub fn acts(&self) -> Vec<String> {
        let mut acts: Vec<String> = self
            .schema
            .actions()
            .map(|action| action.id().unescaped().to_owned())
            .collect();
        acts.sort();
        acts
    }
}
