//! Where a request stands under the law, worked out anew whenever something is asked about it.

use govern::{AgencyKind, Defect, Demand, Scope, Standing};
use store::{FiledDeclaration, ReleaseRequest, RequestState, RequestText};

use super::{Due, RequestShown, pattern};
use crate::{Station, StationError};

impl Station {
    pub(super) fn now_standing(&self, number: i64) -> Result<RequestShown, StationError> {
        let request = self.store.request(number)?;
        self.shown(request, &self.store.declarations()?)
    }

    pub(crate) fn shown(
        &self,
        request: ReleaseRequest,
        declarations: &[FiledDeclaration],
    ) -> Result<RequestShown, StationError> {
        let text = &request.about.text;
        let rules = self.policy.release();
        let missing = missing(text, request.has_paper);
        let demand = text.demand.as_ref();
        let authority = demand.map_or("", |demand| &demand.authority);
        let all = format!(
            "{} {} {} {authority}",
            text.purpose, text.person, text.agency
        );
        let spoken = self.policy.prohibited().spoken_in(&all);
        // An issuer that the rules do not know opens nothing.
        let issuer = demand.and_then(|demand| rules.issuer(&demand.issuer));
        let known = text.kind == AgencyKind::LawEnforcement || text.kind == AgencyKind::Prosecutor;
        let declares = known && (demand.is_none() || issuer.is_none_or(|one| one.declaration));
        let standing = Standing {
            complete: missing.is_empty(),
            federal: text.kind == AgencyKind::Federal && !issuer.is_some_and(|one| one.federal),
            outsider: text.kind == AgencyKind::Other && demand.is_none(),
            demand: demand.is_some(),
            defect: (declares && rules.is_out_of_state(text.state))
                .then(|| self.defect(text, declarations))
                .transpose()?
                .flatten(),
            prohibited: spoken.iter().any(|one| one.always)
                && issuer.is_none_or(|one| one.statute_binds),
            held: !spoken.is_empty() && request.about.cleared.is_none(),
        };
        let open = matches!(
            request.state,
            RequestState::Draft | RequestState::Submitted | RequestState::Approved
        );
        let due = demand.filter(|_| open).and_then(|demand| demand.return_on);
        Ok(RequestShown {
            on: self.instrument_of(text),
            due: due.map(|on| Due {
                on,
                overdue: on < self.today(),
            }),
            standing,
            missing,
            spoken,
            request,
        })
    }

    /// Who asks, as the ledger tells it: an agency, or who came with which instrument.
    pub(super) fn asked_by(&self, text: &RequestText) -> String {
        let RequestText { agency, .. } = text;
        match &text.demand {
            Some(_) => format!("{agency}, by {}", self.instrument_of(text)),
            None => agency.clone(),
        }
    }

    /// What something goes out on.
    fn instrument_of(&self, text: &RequestText) -> String {
        let Some(demand) = &text.demand else {
            return "written request".to_owned();
        };
        let Demand {
            instrument,
            authority,
            docket,
            ..
        } = demand;
        let known = self.policy.release().instrument(instrument);
        let says = known.map_or(instrument, |one| &one.says);
        let docket = match docket.trim() {
            "" => String::new(),
            docket => format!(" {docket}"),
        };
        format!("{says}{docket} of {authority}")
    }

    pub(super) fn check_demand(&self, demand: &Demand) -> Result<(), StationError> {
        let rules = self.policy.release();
        if rules.instrument(&demand.instrument).is_none() {
            return Err(StationError::Input(
                "choose what the demand is: subpoena, order, warrant, discovery".to_owned(),
            ));
        }
        if rules.issuer(&demand.issuer).is_none() {
            return Err(StationError::Input(
                "choose what kind of court or authority issued the demand".to_owned(),
            ));
        }
        Ok(())
    }

    /// Why the declaration that a request relies on does not serve: the one it names, or the agency's
    /// newest. One whose paper is not as it was filed is none.
    fn defect(
        &self,
        text: &RequestText,
        declarations: &[FiledDeclaration],
    ) -> Result<Option<Defect>, StationError> {
        let named = |one: &&FiledDeclaration| match text.declaration {
            Some(id) => one.id == id,
            None => govern::is_same_agency(&one.declaration.agency, &text.agency),
        };
        let Some(one) = declarations.iter().find(named) else {
            return Ok(Some(Defect::Missing));
        };
        if !self.store.declaration_is_whole(one)? {
            return Ok(Some(Defect::Missing));
        }
        let (today, rules) = (self.today(), self.policy.release());
        Ok(one
            .declaration
            .defect(&text.agency, text.state, today, rules))
    }

    /// What a request asks for, where all of it was entered.
    pub(super) fn scope(&self, text: &RequestText) -> Result<Scope, StationError> {
        let (Some(from), Some(until)) = (text.from, text.until) else {
            return Err(StationError::Input(
                "the request does not say from when until when".to_owned(),
            ));
        };
        Ok(Scope {
            plate: pattern(&text.plate)?,
            cameras: self.cameras_named(&text.cameras)?,
            from,
            until,
        })
    }
}

/// What a request lacks.
pub(super) fn missing(text: &RequestText, has_paper: bool) -> Vec<&'static str> {
    let empty = |text: &str| text.trim().is_empty();
    let lacks = [
        (empty(&text.agency), "the agency"),
        (empty(&text.person), "the person who asks"),
        (empty(&text.purpose), "the purpose"),
        (empty(&text.plate), "the plate"),
        (text.from.is_none(), "from when"),
        (text.until.is_none(), "until when"),
        (
            !has_paper,
            match text.demand {
                Some(_) => "the instrument itself",
                None => "the written request",
            },
        ),
    ];
    let lacks = lacks.into_iter();
    let lacks = lacks.filter_map(|(lacks, what)| lacks.then_some(what));
    let demand = text.demand.as_ref().map(Demand::missing);
    lacks.chain(demand.unwrap_or_default()).collect()
}
