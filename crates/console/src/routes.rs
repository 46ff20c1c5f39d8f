//! Every address of the station, in one table.
//!
//! The router is made of it, `docs/contract/openapi.json` is written from it, and
//! `tests/every_route.rs` walks it with every kind of caller. A route that is not here does not
//! exist; one that leaves no decision in the ledger says here why not.

mod audits;
mod desk;
mod evidence;
mod feeds;
mod hotlists;
mod local;
mod records;
mod reports;
mod station;

use std::time::Duration;

use axum::{Router, middleware};
use govern::{
    AcknowledgeAlert, Action, AnswerQuestion, ApproveSearches, AskApproval, BackUp, Canvass,
    CloseAlert, ConfirmPicture, ConfirmTime, JudgeException, KeepReads, OpenAlert, OpenQuestion,
    RecordCheck, ReportException, ReviewLedger, ReviewPolicy, Search, SeeAlerts, SeeApprovals,
    SeeFigures, SeeQuestions, SeeToAlarm, TurnPage, WatchAlerts,
};

use crate::asked::Done;
use crate::route::{By, Many, Route, get, post};
use crate::{House, alerts, api, backup, conformity, door, pages, searching, stream};

/// How long a frame may take to arrive, get its turn, be read and be kept.
const LONGEST_FRAME: Duration = Duration::from_secs(180);
/// How long a backup's first part may take: the database is copied before it.
const LONGEST_COPY: Duration = Duration::from_hours(1);

/// The table.
pub fn routes() -> Vec<Route> {
    let mut all = doors_and_data();
    all.extend(desk::routes());
    all.extend(evidence::routes());
    all.extend(feeds::routes());
    all.extend(hotlists::routes());
    all.extend(local::routes());
    all.extend(records::routes());
    all.extend(approvals());
    all.extend(questions());
    all.extend(audits::routes());
    all.extend(reports::routes());
    all.extend(station::routes());
    all
}

fn doors_and_data() -> Vec<Route> {
    vec![
        // ---- coming in and going out ----
        get("/", pages::front)
            .says("Sends on to the first page that the member may see.")
            .no_act("it shows nothing")
            .redirects(),
        get("/login", pages::login::page)
            .says("The login, with the notice that must be acknowledged.")
            .by(By::Anybody)
            .no_act("it is the door, and shows nothing behind it"),
        get("/api/notice", api::notice)
            .says("The statements that whoever logs in acknowledges.")
            .by(By::Anybody)
            .no_act("it stands before the door")
            .json::<api::Notice>(Many::One),
        post("/login", pages::login::enter)
            .says("Logs in: sets the session's cookie and sends on.")
            .by(By::Anybody)
            .login()
            .form::<pages::login::Entered>(&[
                ("login", "rowan.marsh"),
                ("password", "not this password"),
                ("code", "000000"),
                ("acknowledged", "yes"),
            ])
            .redirects(),
        post("/sign-on", pages::sign_on::begin)
            .says("Sends on to the agency's provider of single sign-on.")
            .by(By::Anybody)
            .no_act("it is the way to the door, and shows nothing behind it")
            .form::<pages::sign_on::Beginning>(&[]),
        get("/sign-on/back", pages::sign_on::back)
            .says("Takes what the provider says of somebody, and asks for the second factor.")
            .by(By::Anybody)
            .login()
            .query::<pages::sign_on::BroughtBack>(&[("state", "0"), ("code", "0")]),
        post("/sign-on/enter", pages::sign_on::enter)
            .says("Logs in, with the second factor, whom the provider has spoken of.")
            .by(By::Anybody)
            .login()
            .form::<pages::sign_on::SignedOn>(&[
                ("ticket", "0"),
                ("code", "000000"),
                ("acknowledged", "yes"),
            ])
            .redirects(),
        post("/logout", pages::login::leave)
            .says("Ends the session.")
            .login()
            .form::<pages::login::Leaving>(&[])
            .redirects(),
        post("/api/logout", pages::login::leave)
            .says("Ends the session.")
            .login()
            .json_form::<pages::login::Leaving>(&[])
            .json::<Done>(Many::One),
        get("/first-login", pages::first_login::page)
            .says("Asks for the code that a member was handed when they were enrolled.")
            .by(By::Anybody)
            .no_act("it is the door, and shows nothing behind it"),
        post("/first-login", pages::first_login::set)
            .says("Shows the member of a code their second factor; with a password and a code of it, sets both.")
            .by(By::Anybody)
            .login()
            .form::<pages::first_login::Brought>(&[("code", "0000-0000-0000-0000-0000")]),
        get("/terminal", pages::terminal::page)
            .says("Asks for the code of a terminal.")
            .by(By::Anybody)
            .no_act("it is the door, and shows nothing behind it"),
        post("/terminal", pages::terminal::set_up)
            .says("Gives the machine that brings a terminal's code its key, as a cookie.")
            .by(By::Anybody)
            .login()
            .form::<pages::terminal::Brought>(&[("code", "0000-0000-0000-0000-0000")]),
        get("/account", pages::account::page)
            .says("The member's own way in, and their sessions.")
            .no_act("it shows nothing but the member's own sessions"),
        post("/account/authenticator", pages::account::authenticator)
            .says("Shows the member a new second factor; with a code of it, puts it in force.")
            .login()
            .form::<pages::account::NewAuthenticator>(&[
                ("current", "a walk by the weir"),
                ("shown", ""),
            ]),
        post("/account/passkeys/new", pages::passkeys::offer)
            .says("Shows the member the page that has their browser make a passkey.")
            .login()
            .form::<pages::passkeys::NewPasskey>(&[
                ("name", "Phone"),
                ("current", "a walk by the weir"),
            ]),
        post("/account/passkeys", pages::passkeys::add)
            .says("Adds the passkey that a browser of the member made.")
            .login()
            .form::<pages::passkeys::MadePasskey>(&[("name", "Phone"), ("passkey", "{}")]),
        post("/account/passkeys/remove", pages::passkeys::remove)
            .says("Takes a passkey off the member's account.")
            .login()
            .form::<pages::passkeys::GonePasskey>(&[
                (
                    "id",
                    "0000000000000000000000000000000000000000000000000000000000000000",
                ),
                ("current", "a walk by the weir"),
            ]),
        post("/account/recovery-codes", pages::account::recovery_codes)
            .says("Gives the member ten new recovery codes.")
            .login()
            .form::<pages::account::NewRecoveryCodes>(&[("current", "a walk by the weir")]),
        post("/account/sessions", pages::account::end_sessions)
            .says("Ends sessions of the member's own.")
            .login()
            .form::<pages::account::Ended>(&[("session", "others")])
            .redirects(),
        post("/account/password", pages::account::password)
            .says("Changes the member's password.")
            .login()
            .form::<pages::account::NewPassword>(&[
                ("current", "a walk by the weir"),
                ("new", "a walk by the mill"),
                ("again", "a walk by the mill"),
            ]),
        get("/unlock", pages::unlock::page)
            .says("Where a page that was left alone goes: the session is locked, and nothing is shown.")
            .by(By::Anybody)
            .no_act("it shows nothing; asking is no use of the session")
            .redirects(),
        post("/unlock", pages::unlock::open)
            .says("Lets a locked session go on, with the password or a code.")
            .by(By::Anybody)
            .login()
            .form::<pages::unlock::Shown>(&[("password", "not this password"), ("code", "")])
            .redirects(),
        get("/training", pages::training::page)
            .says("The member's own training, and what is missing.")
            .no_act("it shows nobody's data but the member's own training"),
        // ---- the data ----
        get("/search", pages::search::page)
            .says("The form of a search.")
            .no_act("the form is empty"),
        post("/search", pages::search::find)
            .says("Finds the reads of a plate, or of part of one, for a purpose.")
            .act(Search::NAME)
            .form::<pages::search::Entered>(&[
                ("plate", "DK48213"),
                ("purpose", "crime"),
                ("case", "26-01877"),
                ("words", ""),
            ]),
        post("/search/page", pages::search::turn)
            .says("Turns to another page of an answer: what was found then, in the order of then.")
            .act(TurnPage::NAME)
            .form::<pages::search::Entered>(&[
                ("plate", "DK48213"),
                ("purpose", "crime"),
                ("case", "26-01877"),
                ("answer", "{answer}"),
                ("first", "1"),
            ]),
        post("/api/search", searching::search)
            .says("The same for programs, the first page of the answer.")
            .act(Search::NAME)
            .json_form::<pages::search::Entered>(&[
                ("plate", "DK48213"),
                ("purpose", "crime"),
                ("case", "26-01877"),
            ])
            .json::<searching::Answer>(Many::One),
        post("/api/search/page", searching::turn)
            .says("The same for programs, another page of it.")
            .act(TurnPage::NAME)
            .json_form::<pages::search::Entered>(&[
                ("plate", "DK48213"),
                ("purpose", "crime"),
                ("case", "26-01877"),
                ("answer", "{answer}"),
                ("first", "1"),
            ])
            .json::<searching::Answer>(Many::One),
        get("/canvass", pages::canvass::page)
            .says("The form of a canvass.")
            .no_act("the form is empty"),
        post("/canvass", pages::canvass::find)
            .says("Finds the vehicles that were at scenes, for a purpose.")
            .act(Canvass::NAME)
            .form::<pages::canvass::Entered>(&[
                ("scene1", "Elm Street"),
                ("camera1", "elm-and-3rd"),
                ("from1", "2026-11-20T14:00"),
                ("until1", "2026-11-20T15:00"),
                ("purpose", "crime"),
                ("case", "26-01877"),
                ("words", ""),
            ]),
        post("/canvass/page", pages::canvass::turn)
            .says("Turns to another page of a canvass's answer.")
            .act(TurnPage::NAME)
            .form::<pages::canvass::Entered>(&[
                ("purpose", "crime"),
                ("case", "26-01877"),
                ("answer", "{answer}"),
                ("first", "1"),
            ]),
        get("/picture/{picture}", pages::search::picture)
            .says("A picture of a page that this session was shown in the last few minutes.")
            .part_of(Search::NAME)
            .file(&["image/jpeg", "image/png"]),
        // ---- alerts ----
        get("/alerts", pages::alerts::page)
            .says("The newest alerts, for people.")
            .act(SeeAlerts::NAME),
        get("/api/alerts", alerts::alerts)
            .says("The newest alerts, those that are not over first.")
            .act(SeeAlerts::NAME)
            .json::<alerts::Alert>(Many::List),
        get("/alerts/stream", stream::stream)
            .says(
                "Alerts as they come, as server-sent events: `alert`, told as JSON, and `over`, the last. It ends \
                 with the session, its lock, or what lets the member see alerts; being told is no use of the session.",
            )
            .act(WatchAlerts::NAME)
            .file(&["text/event-stream"]),
        get("/alerts/figures", pages::corrections::figures)
            .says("How alerts came out, by camera and by list.")
            .act(SeeFigures::NAME),
        get("/api/alerts/figures", pages::corrections::figures_list)
            .says("How alerts came out, by camera and by list.")
            .act(SeeFigures::NAME)
            .json::<pages::corrections::Line>(Many::List),
        get("/alerts/{number}", pages::alert::page)
            .says("An alert's card: what the camera saw beside what the list says.")
            .act(OpenAlert::NAME),
        post("/alerts/{number}/acknowledge", alerts::acknowledge)
            .says("Takes an alert, by name.")
            .act(AcknowledgeAlert::NAME)
            .form::<alerts::Acknowledgement>(&[])
            .redirects(),
        post("/alerts/{number}/picture", alerts::picture)
            .says("Says of the picture whether plate, state and vehicle fit the entry.")
            .act(ConfirmPicture::NAME)
            .form::<alerts::PictureForm>(&[("plate", "yes"), ("state", "yes"), ("vehicle", "yes")])
            .redirects(),
        post("/alerts/{number}/check", alerts::check)
            .says("Records what the law enforcement database answered.")
            .act(RecordCheck::NAME)
            .form::<alerts::CheckForm>(&[
                ("result", "verified"),
                ("database", "LEADS"),
                ("reference", "L-204417"),
                ("asked_at", "2026-11-20T20:12:00Z"),
                ("returned", "Stolen, entered 21 Nov by Ashford Falls"),
            ])
            .redirects(),
        post("/alerts/{number}/close", alerts::close)
            .says("Closes an alert with what was done; an enforcement action only once it is verified.")
            .act(CloseAlert::NAME)
            .form::<alerts::CloseForm>(&[("action", "stop"), ("words", "Stopped on Depot Road")])
            .redirects(),
        post("/alerts/{number}/exception", alerts::exception)
            .says("Reports that somebody acted on an alert before it was verified.")
            .act(ReportException::NAME)
            .form::<alerts::ExceptionForm>(&[("action", "stop"), ("why", "The driver fled")])
            .redirects(),
        post("/alerts/{number}/exception/judge", alerts::judge)
            .says("A supervisor signs what was done before an alert was verified, or refuses to.")
            .act(JudgeException::NAME)
            .form::<alerts::JudgementForm>(&[("judgement", "signed"), ("why", "The driver fled")])
            .redirects(),
        // ---- the ledger ----
        get("/ledger", pages::ledger::page)
            .says("What the ledger says, for people.")
            .act(ReviewLedger::NAME)
            .query::<api::LedgerQuery>(&[("scope", "everyone")]),
        get("/api/ledger", api::ledger)
            .says("What the ledger says, newest first.")
            .act(ReviewLedger::NAME)
            .query::<api::LedgerQuery>(&[("scope", "own"), ("most", "5")])
            .json::<api::Story>(Many::One),
        post("/ledger", pages::ledger::look)
            .says("What the ledger says by member, purpose, case, plate and day, for people.")
            .act(ReviewLedger::NAME)
            .form::<api::LedgerAsked>(&[("scope", "own"), ("case", "26-01877")]),
        post("/api/ledger", pages::ledger::look)
            .says("What the ledger says by member, purpose, case, plate and day, newest first.")
            .act(ReviewLedger::NAME)
            .json_form::<api::LedgerAsked>(&[("scope", "own"), ("case", "26-01877")])
            .json::<api::Story>(Many::One),
        get("/api/ledger/checkpoint", api::checkpoint)
            .says("The newest signed head of the ledger.")
            .no_act("it tells no more than the foot of every page: how many entries there are")
            .json::<api::SignedHead>(Many::One),
        // ---- the policy ----
        get("/policy", pages::policy::page)
            .says("The policy in force, clause by clause, with what bears it out, for people.")
            .act(ReviewPolicy::NAME)
            .query::<conformity::ConformityQuery>(&[]),
        get("/api/conformity", conformity::conformity)
            .says("The policy in force, clause by clause: rules, tests, and what was counted.")
            .act(ReviewPolicy::NAME)
            .query::<conformity::ConformityQuery>(&[("days", "30")])
            .json::<conformity::Conformity>(Many::One),
        // ---- what stands at the head of every page ----
        post("/time", pages::head::confirm_time)
            .says("Confirms the machine's clock when it is in doubt. Two people do.")
            .act(ConfirmTime::NAME)
            .form::<pages::head::Confirming>(&[])
            .redirects(),
        post("/alarm", pages::head::see_to_alarm)
            .says("Takes an alarm off the pages: somebody has seen to it.")
            .act(SeeToAlarm::NAME)
            .form::<pages::head::Alarm>(&[("entry", "0")])
            .redirects(),
        // ---- copies ----
        post("/api/backup", backup::make)
            .says(
                "Makes a backup and answers with it as it is made: parcels of a letter, a length in four \
                 bytes (big-endian) and so many bytes. `s` goes on with the file of the station, `k` with \
                 the file of what opens the pictures; `e`, the last, says in JSON what it came to.",
            )
            .act(BackUp::NAME)
            .longest(LONGEST_COPY)
            .file(&["application/octet-stream"]),
        // ---- cameras ----
        post("/api/frames", api::frames)
            .says(
                "A camera hands in a frame. The answer comes when its reads are on the disk; a \
                 frame with the same time and bytes is kept once: send again whenever no answer came.",
            )
            .by(By::Camera)
            .longest(LONGEST_FRAME)
            .standing(KeepReads::NAME)
            .query::<api::FrameQuery>(&[("seen_at", "2026-11-20T14:12:07Z")])
            .picture()
            .json::<api::FrameAnswer>(Many::One),
        // ---- what every page needs ----
        get("/assets/lictor.css", pages::style)
            .says("The style sheet.")
            .by(By::Anybody)
            .no_act("it is the same for everybody")
            .file(&["text/css"]),
        get("/assets/passkey.js", pages::passkeys::script)
            .says("The script that has browsers make and use passkeys.")
            .by(By::Anybody)
            .no_act("it is the same for everybody")
            .file(&["text/javascript"]),
        get("/assets/alerts.js", pages::alerts::script)
            .says("The script that shows alerts as they come.")
            .by(By::Anybody)
            .no_act("it is the same for everybody")
            .file(&["text/javascript"]),
        get("/assets/map.js", pages::map::script)
            .says("The script that lets an area be drawn on the map.")
            .by(By::Anybody)
            .no_act("it is the same for everybody")
            .file(&["text/javascript"]),
        get("/map.svg", pages::map::streets)
            .says("The town's streets, as a drawing; empty where the station has no map.")
            .no_act("streets are nobody's data")
            .file(&["image/svg+xml"]),
        get("/assets/icon.svg", pages::icon)
            .says("The pages' sign.")
            .by(By::Anybody)
            .no_act("it is the same for everybody")
            .file(&["image/svg+xml"]),
    ]
}

/// What needs a supervisor.
fn approvals() -> Vec<Route> {
    let ask = post("/approvals", pages::approvals::ask)
        .says("Asks a supervisor to approve the member's searches of a case, for a purpose that needs it.")
        .act(AskApproval::NAME)
        .act(SeeApprovals::NAME)
        .form::<pages::approvals::Wanted>(&[
            ("purpose", "ordinance"),
            ("case", "26-01877"),
            ("words", "Overnight parking on Depot Road"),
        ]);
    let approve = post("/approvals/{approval}", pages::approvals::approve)
        .says("Approves a member's searches of a case, for some hours.")
        .act(ApproveSearches::NAME)
        .act(SeeApprovals::NAME)
        .form::<pages::approvals::Approved>(&[("hours", "8")]);
    let mut routes = vec![
        get("/approvals", pages::approvals::page)
            .says("What needs a supervisor: the member's own; for supervisors and auditors, everybody's.")
            .act(SeeApprovals::NAME),
        get("/api/approvals", pages::approvals::list)
            .says("The same, newest first.")
            .act(SeeApprovals::NAME)
            .json::<pages::approvals::Row>(Many::List),
    ];
    routes.extend(ask.and_for_programs("/api/approvals"));
    routes.extend(approve.and_for_programs("/api/approvals/{approval}"));
    routes
}

/// What tripwires noticed, for reviewers.
fn questions() -> Vec<Route> {
    let answer = post("/questions/{question}", pages::questions::answer)
        .says("Records what a reviewer found out about a question.")
        .act(AnswerQuestion::NAME)
        .act(SeeQuestions::NAME)
        .form::<pages::questions::Found>(&[
            ("finding", "in-order"),
            ("words", "The same burglary, five cameras"),
        ]);
    let mut routes = vec![
        get("/questions", pages::questions::page)
            .says("What tripwires noticed, for reviewers outside the chain of command.")
            .act(SeeQuestions::NAME),
        get("/api/questions", pages::questions::list)
            .says("The same, those that wait first.")
            .act(SeeQuestions::NAME)
            .json::<pages::questions::Row>(Many::List),
        get("/questions/{question}", pages::questions::detail)
            .says("A question, with the entries that it is about.")
            .act(OpenQuestion::NAME),
        get("/api/questions/{question}", pages::questions::one)
            .says("The same, for programs.")
            .act(OpenQuestion::NAME)
            .json::<pages::questions::Question>(Many::One),
    ];
    routes.extend(answer.and_for_programs("/api/questions/{question}"));
    routes
}

/// The router, of the table and of nothing else.
pub(crate) fn router() -> Router<House> {
    routes().into_iter().fold(Router::new(), |router, route| {
        let in_time = middleware::from_fn_with_state(route.longest, door::in_time);
        router.route(route.path, route.handler.layer(in_time))
    })
}
