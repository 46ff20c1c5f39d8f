//! What the ledger says, in words.

use std::collections::{HashMap, HashSet};

use govern::{CameraId, Content, RetentionClass, Role};
use ledger::{CertificateOf, Decision, DecisionId, Entry, Event, Outcome, Party, Verdict};

use crate::Station;
use crate::story::{Asked, StoryLine};

impl Station {
    pub(crate) fn tell(&self, index: u64, entry: &Entry, beside: &Beside) -> StoryLine {
        let Beside {
            contents,
            outcomes,
            cameras,
            ..
        } = beside;
        let mut line = StoryLine {
            entry: index,
            at: entry.at,
            told: String::new(),
            outcome: None,
            refused: false,
            changed: decision(entry).is_some_and(|d| beside.changed.contains(&d.id)),
            asked: decision(entry).map(|decision| {
                asked(
                    decision,
                    contents.get(&decision.id),
                    outcomes.get(&decision.id),
                )
            }),
        };
        match &entry.event {
            Event::Started { version, policy } => {
                line.told = format!(
                    "The station came up: Lictor {version}, rules {}.",
                    &policy.to_string()[..12]
                );
            }
            Event::Stopped => line.told = "The station went down in order.".to_owned(),
            Event::Continued {
                head,
                missing: Some(missing),
                ..
            } => {
                line.told = format!("This ledger goes on from another. {}", missing.says(head));
            }
            Event::Continued { head, finding, .. } => {
                let origin = head.lines().next().unwrap_or_default();
                line.told = format!(
                    "This ledger goes on from {origin}, in which something was found: {finding}."
                );
            }
            Event::FindingNoted { .. } => {
                line.told =
                    "Two members took note of what was found in the ledger before.".to_owned();
            }
            Event::Witnesses { keys } => {
                let names: Vec<_> = keys
                    .iter()
                    .filter_map(|key| key.split('+').next())
                    .collect();
                line.told = if names.is_empty() {
                    "The ledger's head goes to no witness any more.".to_owned()
                } else {
                    format!("The ledger's head goes to: {}.", names.join(", "))
                };
            }
            Event::Certificate {
                of,
                fingerprint,
                until,
            } => {
                let whose = match of {
                    CertificateOf::Station => "a certificate of its own authority",
                    CertificateOf::Agency => "the agency's own certificate",
                };
                line.told = format!(
                    "Browsers are shown {whose}, SHA-256 {}, good until {until:.0}.",
                    &fingerprint.to_string()[..12]
                );
            }
            Event::Batch(batch) => {
                let reads = if batch.count == 1 {
                    "1 read".to_owned()
                } else {
                    format!("{} reads", batch.count)
                };
                let camera = cameras
                    .get(&batch.camera)
                    .map_or("that is gone", String::as_str);
                line.told = format!("Camera {camera} handed in {reads} under its standing permit.");
            }
            Event::Packed { package, .. } => {
                line.told = format!("What goes out is packed, SHA-256 {package}.");
            }
            Event::Held(held) => line.told = tell_held(held),
            Event::Purged(purged) => line.told = tell_purged(purged),
            Event::PurgeCertified { certificate, .. } => {
                line.told = format!("The purge is over. Its certificate: SHA-256 {certificate}.");
            }
            Event::PurgeLate { since } => {
                line.told = format!("A purge that was due did not run; since {since:.0}.");
            }
            Event::AuditLate { since } => {
                line.told = format!("An audit is overdue since {since:.0}.");
            }
            Event::Alert(alert) => {
                let camera = cameras
                    .get(&alert.camera)
                    .map_or("that is gone", String::as_str);
                let kind = if alert.priority { "" } else { " for review" };
                line.told = match alert.sighting {
                    1 => format!(
                        "Alert {}{kind} was raised at camera {camera}.",
                        alert.number
                    ),
                    n => format!(
                        "Alert {} was seen once more, at camera {camera}: sighting {n}{kind}.",
                        alert.number
                    ),
                };
            }
            Event::Pushed(pushed) => {
                let to = match pushed.to.len() {
                    1 => "1 member who watches".to_owned(),
                    n => format!("{n} members who watch"),
                };
                let withheld = match pushed.withheld_from.len() {
                    0 => String::new(),
                    n => format!("; {n} of them learnt that there is a hit, and no more"),
                };
                line.told = format!("Alert {} was pushed to {to}{withheld}.", pushed.number);
            }
            Event::Escalated(escalated) => {
                let to = self.role_name(&Role(escalated.to.clone()));
                line.told = format!(
                    "Nobody took alert {} in time: it went to {}.",
                    escalated.number,
                    lower_first(&to)
                );
            }
            Event::Question(question) => {
                let says = self.policy.tripwire(&question.tripwire);
                let says = says.map_or(question.tripwire.as_str(), |known| known.says.as_str());
                line.told = format!("A question was opened to the reviewers: {says}.");
            }
            Event::Founding(decision) => {
                let content = contents.get(&decision.id);
                let what = content.map_or("(its content is not kept)", |c| c.what.as_str());
                line.told = format!(
                    "The station was founded by {} {what}.",
                    name(decision, content)
                );
            }
            Event::Login(decision) => {
                line.refused = decision.verdict == Verdict::Refuse;
                line.told = tell_login(decision, contents.get(&decision.id));
            }
            Event::Decision(decision) => {
                line.refused = decision.verdict == Verdict::Refuse;
                line.told = self.tell_decision(decision, contents.get(&decision.id));
                if decision.in_doubt {
                    line.told.push_str(" The clock was in doubt.");
                }
                line.outcome = outcomes
                    .get(&decision.id)
                    .map(|(index, outcome)| tell_outcome(*index, outcome));
            }
            Event::AtTheMachine(decision) => {
                let what = contents
                    .get(&decision.id)
                    .map_or("(the content was purged)", |c| c.what.as_str());
                line.told =
                    format!("Two recovery shares released the account of {what} at the machine.");
            }
            Event::KeyFile { by, .. } => line.told = format!("{}.", crate::keys::tell(*by)),
            Event::TimeDoubtful { wall, expected } => {
                line.told = format!(
                    "The time came into doubt: the machine's clock said {wall:.0}, and {expected:.0} was expected."
                );
            }
            Event::TimeAgreed { by } => {
                let [one, other] = by
                    .each_ref()
                    .map(|key| key.split('+').next().unwrap_or_default());
                line.told = format!(
                    "The machine's clock is believed again: the witnesses {one} and {other} answered with the same time."
                );
            }
            Event::TimeConfirmed { .. } => {
                line.told = "Two people confirmed the machine's clock.".to_owned();
            }
            Event::Backup(backup) => {
                line.told = format!(
                    "A backup was made (SHA-256 {}). Its pictures can be opened until {:.0}.",
                    &backup.data.to_string()[..12],
                    backup.pictures_until
                );
            }
            Event::Restored(restored) => {
                let from = match restored.backup {
                    Some(_) => "The station was restored from a backup",
                    None => "The database had been set back",
                };
                line.told = format!(
                    "{from}; what was taken away since was taken away again: {}.{}",
                    restored.withdrawn,
                    if restored.pictures {
                        ""
                    } else {
                        " Older pictures cannot be opened any more."
                    }
                );
            }
            // Told with its decision.
            Event::Outcome(_) => {}
        }
        if line.changed {
            line.told.push_str(CHANGED);
        }
        line
    }

    fn tell_decision(&self, decision: &Decision, content: Option<&Content>) -> String {
        let who = name(decision, content);
        let did = match &*decision.act {
            "search" => "asked for the reads of",
            "canvass" => "canvassed for",
            "turn-page" => "turned the page to",
            "file-request" => "filed",
            "see-requests" | "see-access" => "looked at",
            "clear-words" => "found harmless:",
            "decide-request" => "decided",
            "release-reads" => "released",
            "file-declaration" => "filed the declaration",
            "revoke-declaration" => "revoked the declaration",
            "ask-approval" => "asked a supervisor for",
            "approve-searches" => "approved the searches of",
            "review-ledger" => "asked what the ledger says of",
            "see-station" | "see-proposals" | "see-approvals" | "see-cases" | "review-policy" => {
                "looked at"
            }
            "grant-authorisation" => "granted the authorisation",
            "end-authorisation" => "ended the authorisation",
            "import-cases" => "imported",
            "see-restricted" => "came upon restricted reads:",
            "propose-appointment" => "proposed to give the role",
            "confirm-appointment" => "confirmed to give the role",
            "propose-retention" => "proposed how long data are kept:",
            "confirm-retention" => "confirmed how long data are kept:",
            "propose-export" => "proposed to take out",
            "confirm-export" => "confirmed, and took out,",
            "approve-course" => "approved the course",
            "record-training" => "recorded training:",
            "see-proof" => "opened the proof of training",
            "enrol-member" => "enrolled",
            "give-role" => "gave the role",
            "end-role" => "ended the role",
            "change-status" => "changed the status of",
            "issue-enrolment-code" => "issued a new enrolment code for",
            "end-sessions" => "ended the sessions of",
            "release-member" => "released the account of",
            "add-camera" => "added the camera",
            "place-camera" => "put on the map the camera",
            "classify-camera" => "changed the class of the camera",
            "enrol-terminal" => "enrolled the terminal",
            "remove-terminal" => "took away the key of the terminal",
            "register-medium" => "registered the medium",
            "retire-medium" => "retired the medium",
            "remove-camera" => "took away the key of the camera",
            "confirm-time" => "confirmed the machine's clock:",
            "see-to-alarm" => "saw to the alarm",
            "back-up" => "made a backup of",
            "see-questions" => "looked at",
            "open-question" => "looked into",
            "answer-question" => "answered",
            "draw-sample" => "drew a sample:",
            "see-samples" => "looked at",
            "open-sample" => "looked into",
            "judge-access" => "gave a finding on",
            "see-report" => "read",
            "verify-report" => "had counted again",
            "publish-report" => "published",
            "see-retention" => "looked at",
            "start-purge" => "had purged now:",
            "purge" => "began to purge",
            "place-hold" => "placed a hold on",
            "extend-hold" => "kept on hold",
            "release-hold" => "released hold",
            "see-holds" => "looked at",
            "book-evidence" => "booked",
            "see-evidence" => "looked at",
            "note-custody" => "noted of",
            "picture" => "asked for a picture they had not been shown:",
            "import-list" => "brought in the list",
            "set-feed" => "had come by itself from then on:",
            "end-feed" => "ended the feed",
            "take-list" => "took in, as it came by itself, the list",
            "find-list-unchanged" => "found unchanged at its source the list",
            "set-list-terms" => "set for the alerts of the list",
            "confirm-list" => "confirmed, as a second person, the list",
            "enter-local-entry" => "entered, to be looked out for once another confirms it:",
            "confirm-local-entry" => "confirmed, as a second person,",
            "renew-local-entry" => "renewed",
            "withdraw-local-entry" => "withdrew",
            "watch-alerts" => "had themselves told of",
            "judge-exception" => "judged what was done before it was verified:",
            "export-corrections" => "took out",
            "add-webhook" => "had alerts sent from then on to",
            "remove-webhook" => "had nothing more sent to",
            "send-alert" => "had sent, by themselves,",
            "see-webhooks" | "see-feeds" | "see-corrections" | "see-figures" | "see-lists"
            | "see-alerts" | "see-local-entries" => "looked at",
            "open-alert" => "opened",
            "acknowledge-alert" => "took",
            "confirm-picture" => "compared the picture with the entry:",
            "record-check" => "recorded the database's answer:",
            "close-alert" => "closed",
            "report-exception" => "reported an exception:",
            "keep-reads" => "opened its standing permit for",
            _ => "asked for",
        };
        let what = content.map_or("(its content is not kept)", |c| c.what.as_str());
        let mut told = format!("{who} {did} {what}");
        if let Some(purpose) = decision.purpose.as_deref() {
            let says = self
                .policy
                .purpose(purpose)
                .map_or(purpose, |p| p.says.as_str());
            told.push_str(&format!(", for {}", lower_first(says)));
        }
        if let Some(case) = content.and_then(|c| c.case.as_deref()) {
            told.push_str(&format!(", case {case}"));
        }
        if let Some(words) = content.and_then(|c| c.words.as_deref()) {
            told.push_str(&format!(", “{words}”"));
        }
        if let Some(content) = content {
            told.push_str(&format!(", from {}", content.address));
        }
        let clauses = decision.clauses.join(", ");
        match decision.verdict {
            Verdict::Permit => told.push_str(&format!(". Permitted under {clauses}.")),
            Verdict::Refuse => told.push_str(&format!(". Refused under {clauses}.")),
        }
        told
    }

    /// A role's name for people.
    pub fn role_name(&self, role: &Role) -> String {
        self.policy.role(role).unwrap_or(&role.0).to_owned()
    }
}

/// Said of an entry whose content is not the one that was committed to.
pub(crate) const CHANGED: &str =
    " What is kept beside this entry was changed after it was written, and is not shown.";

/// What stands beside the entries.
#[derive(Default)]
pub(crate) struct Beside {
    pub(crate) contents: HashMap<DecisionId, Content>,
    /// Whose content is not the one that was committed to.
    pub(crate) changed: HashSet<DecisionId>,
    pub(crate) outcomes: HashMap<DecisionId, (u64, Outcome)>,
    pub(crate) cameras: HashMap<CameraId, String>,
}

pub(crate) fn decision(entry: &Entry) -> Option<&Decision> {
    match &entry.event {
        Event::Decision(decision)
        | Event::Login(decision)
        | Event::Founding(decision)
        | Event::AtTheMachine(decision) => Some(decision),
        _ => None,
    }
}

fn asked(
    decision: &Decision,
    content: Option<&Content>,
    outcome: Option<&(u64, Outcome)>,
) -> Asked {
    let text = |of: fn(&Content) -> &String| content.map(of).cloned().unwrap_or_default();
    Asked {
        act: decision.act.to_string(),
        name: text(|c| &c.name),
        badge: text(|c| &c.badge),
        object: text(|c| &c.what),
        purpose: decision.purpose.clone(),
        case: content.and_then(|c| c.case.clone()),
        clauses: decision.clauses.clone(),
        records: match outcome {
            Some((_, Outcome::Done { records, .. })) => Some(*records),
            _ => None,
        },
    }
}

fn name(decision: &Decision, content: Option<&Content>) -> String {
    match (decision.who, content) {
        (Party::Member(_), Some(content)) => format!("{} (badge {})", content.name, content.badge),
        (Party::Camera(_), Some(content)) => format!("Camera {}", content.name),
        (Party::Unknown, _) => "Somebody".to_owned(),
        (Party::Member(_), None) => "A member".to_owned(),
        (Party::Camera(_), None) => "A camera".to_owned(),
        (Party::Station, _) => "The station".to_owned(),
    }
}

fn tell_login(decision: &Decision, content: Option<&Content>) -> String {
    let from = content.map_or_else(String::new, |c| format!(" from {}", c.address));
    let who = name(decision, content);
    let with = content.and_then(|c| c.words.as_deref());
    let with = with.map_or_else(String::new, |words| format!(" {words}"));
    match (&*decision.act, decision.verdict, decision.who) {
        ("logout", _, _) => format!("{who} logged out."),
        ("first-login", Verdict::Permit, _) => {
            format!("{who} set their own password and second factor with an enrolment code{from}.")
        }
        ("first-login", Verdict::Refuse, Party::Member(_)) => {
            format!("Whoever brought the enrolment code of {who} showed a wrong code{from}.")
        }
        ("first-login", Verdict::Refuse, _) => {
            format!("Somebody brought an enrolment code that is not good{from}.")
        }
        (act, Verdict::Permit, _) if own_act(act).is_some() => {
            format!("{who} {}{from}.", own_act(act).unwrap_or_default())
        }
        ("add-passkey" | "remove-passkey", Verdict::Refuse, _) => format!(
            "Somebody in a session of {who} did not know the password, or showed no usable passkey{from}."
        ),
        ("change-authenticator", Verdict::Refuse, _) => format!(
            "Somebody in a session of {who} did not know the password, or showed a wrong code of the new authenticator{from}."
        ),
        ("camera-key", _, _) => {
            format!(
                "Somebody{from} showed a key that is no camera's; once in a while this is written down."
            )
        }
        (act, Verdict::Refuse, _) if own_act(act).is_some() => {
            format!("Somebody in a session of {who} did not know the password{from}.")
        }
        ("unlock", Verdict::Permit, _) => format!("{who} unlocked their session{from}."),
        ("unlock", Verdict::Refuse, _) => {
            format!("Somebody did not unlock the session of {who}{from}.")
        }
        ("set-up-terminal", Verdict::Permit, _) => {
            let what = content.map_or("", |c| c.what.as_str());
            format!("The terminal {what} was set up with its code{from}.")
        }
        ("set-up-terminal", Verdict::Refuse, _) => {
            format!("Somebody brought a terminal's code that is not good{from}.")
        }
        ("close-address", _, _) => {
            format!("Nobody can log in{from} for a while: too many logins from there failed.")
        }
        (_, Verdict::Permit, _) => format!("{who} logged in{with}{from}."),
        (_, Verdict::Refuse, Party::Unknown) if !with.is_empty() => {
            format!("Somebody was refused a login{with}{from}.")
        }
        (_, Verdict::Refuse, Party::Unknown) => {
            format!(
                "Somebody was refused a login{from}: no member has that name, or the notice was not acknowledged."
            )
        }
        (_, Verdict::Refuse, _) => format!("A login as {who} was refused{with}{from}."),
    }
}

/// What a member did about their own way in.
fn own_act(act: &str) -> Option<&'static str> {
    match act {
        "change-password" => Some("changed their password"),
        "change-authenticator" => Some("changed their authenticator"),
        "renew-recovery-codes" => Some("took new recovery codes"),
        "add-passkey" => Some("added a passkey to their account"),
        "remove-passkey" => Some("took a passkey off their account"),
        "end-own-sessions" => Some("ended sessions of their own"),
        _ => None,
    }
}

fn tell_outcome(index: u64, outcome: &Outcome) -> String {
    let told = match outcome {
        Outcome::Done { records: 0, .. } => "Nothing was returned".to_owned(),
        Outcome::Done { records: 1, .. } => "1 record".to_owned(),
        Outcome::Done { records, .. } => format!("{records} records"),
        Outcome::Failed { error, .. } => format!("It failed: {error}; nothing was handed out"),
        Outcome::Interrupted { .. } => {
            "The station stopped before what came of it was written down".to_owned()
        }
    };
    format!("{told} (entry {index}).")
}

fn tell_held(held: &ledger::Hold) -> String {
    let several = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    };
    let reads = several(held.reads.len(), "read");
    let alerts = match held.alerts.len() {
        0 => String::new(),
        n => format!(" and {}", several(n, "alert")),
    };
    let later = match held.decision {
        Some(_) => "",
        None => ", which came in after it was placed",
    };
    let kind = held.held_for.says();
    format!(
        "Hold {} ({kind}) holds {reads}{alerts}{later}.",
        held.number
    )
}

fn tell_purged(purged: &ledger::Purged) -> String {
    let class = RetentionClass::ALL
        .into_iter()
        .find(|class| class.as_str() == purged.class)
        .map_or_else(|| purged.class.to_string(), |class| class.says().to_owned());
    let records = match purged.records {
        1 => "1 record".to_owned(),
        n => format!("{n} records"),
    };
    let before = purged.before;
    format!("{records} of before {before:.0} were destroyed: {class}.")
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}
