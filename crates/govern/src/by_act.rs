//! The rules that speak of each act, set apart when the rules are read: a decision asks those and no
//! others. A rule whose scope names no act speaks of all of them; one that names other acts can neither
//! permit nor forbid this one, so that the answer is the same.

use std::collections::HashMap;

use cedar_policy::{ActionConstraint, Entities, EntityUid, Policy, PolicySet, Schema};

/// What is judged by, for each act of the schema.
pub(crate) struct RulesByAct(HashMap<String, RulesOfAct>);

/// What one act is judged by.
pub(crate) struct RulesOfAct {
    /// Every rule that speaks of it.
    pub(crate) rules: PolicySet,
    /// Itself, and the groups of acts that it is of.
    pub(crate) act: Entities,
}

impl RulesByAct {
    /// Sets `rules` apart.
    ///
    /// # Errors
    /// In words, when the schema's acts cannot be listed.
    pub(crate) fn of(rules: &PolicySet, schema: &Schema) -> Result<Self, String> {
        let acts = schema.action_entities().map_err(|e| e.to_string())?;
        let mut by_act = HashMap::new();
        for act in acts.iter() {
            let uid = act.uid();
            let groups: Vec<&EntityUid> = acts.ancestors(&uid).into_iter().flatten().collect();
            let speaks = |rule: &&Policy| match rule.action_constraint() {
                ActionConstraint::Any => true,
                ActionConstraint::Eq(named) => named == uid,
                ActionConstraint::In(named) => named
                    .iter()
                    .any(|named| *named == uid || groups.contains(&named)),
            };
            let rules = rules.policies().filter(speaks).cloned();
            let with_groups = acts
                .iter()
                .filter(|other| other.uid() == uid || groups.contains(&&other.uid()));
            let of_act = RulesOfAct {
                rules: PolicySet::from_policies(rules).map_err(|e| e.to_string())?,
                act: Entities::from_entities(with_groups.cloned(), None)
                    .map_err(|e| e.to_string())?,
            };
            by_act.insert(uid.id().unescaped().to_owned(), of_act);
        }
        Ok(Self(by_act))
    }

    /// What the act of this name is judged by; nothing for one that the schema does not know.
    pub(crate) fn of_act(&self, act: &str) -> Option<&RulesOfAct> {
        self.0.get(act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, PolicyFiles};

    #[test]
    fn an_act_has_every_rule_that_speaks_of_it_and_no_other() {
        let policy = Policy::load(&PolicyFiles::embedded()).unwrap();
        let general =
            |rule: &&cedar_policy::Policy| rule.action_constraint() == ActionConstraint::Any;
        let general: Vec<_> = policy.rules.policies().filter(general).collect();
        for (act, of_act) in &policy.by_act.0 {
            let named = format!("Action::\"{act}\"");
            for rule in policy.rules.policies() {
                let text = rule.to_string();
                let (scope, _) = text.split_once("resource").unwrap();
                let speaks =
                    scope.contains(&named) || general.iter().any(|one| one.id() == rule.id());
                assert_eq!(
                    of_act.rules.policy(rule.id()).is_some(),
                    speaks,
                    "{act}: {scope}"
                );
            }
        }
    }
}
