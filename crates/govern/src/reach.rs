//! Whom the rules in force let near the data at all.

use cedar_policy::{
    Authorizer, Context, Decision, Effect, Entities, PolicySet, Request, RestrictedExpression,
};
use jiff::Timestamp;

use crate::content::Principal;
use crate::decide::{HERE, Kinds, principal};
use crate::policy::Policy;

/// The one rule that says of all acts alike what a member must have first.
const TRAINING: &str = "training-first";

impl Policy {
    /// Of these acts, those that somebody's roles include and that their training opens now, whatever else
    /// each takes: a purpose, a case, an approval, a second person. Asked of the rules themselves, so that it
    /// cannot say otherwise than they do. What cannot be judged counts as open.
    pub fn open_to<'a>(&self, who: &Principal, now: Timestamp, acts: &[&'a str]) -> Vec<&'a str> {
        let rules = self.rules.policies().filter(|rule| {
            rule.effect() == Effect::Permit || rule.annotation("id") == Some(TRAINING)
        });
        let Ok(rules) = PolicySet::from_policies(rules.cloned()) else {
            return acts.to_vec();
        };
        let open = |act: &&&str| self.opens(&rules, who, now, act).unwrap_or(true);
        acts.iter().filter(open).copied().collect()
    }

    fn opens(
        &self,
        rules: &PolicySet,
        who: &Principal,
        now: Timestamp,
        act: &str,
    ) -> Result<bool, String> {
        let entity = principal(self, who)?;
        let principal = entity.uid();
        let entities = Entities::from_entities([entity], Some(&self.schema));
        let entities = entities.map_err(|e| e.to_string())?;
        let now = RestrictedExpression::new_long(now.as_second());
        let context = Context::from_pairs([("now".to_owned(), now)]).map_err(|e| e.to_string())?;
        // Without the schema: what else an act's context would hold is not asked.
        let asked = Request::new(
            principal,
            Kinds::uid(&self.kinds.action, act),
            Kinds::uid(&self.kinds.station, HERE),
            context,
            None,
        )
        .map_err(|e| e.to_string())?;
        let answer = Authorizer::new().is_authorized(&asked, rules, &entities);
        Ok(answer.decision() == Decision::Allow)
    }
}
