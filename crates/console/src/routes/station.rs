//! Running the station.

use govern::{
    Action, AddCamera, AddWebhook, ApproveCourse, ChangeRetention, ChangeStatus, ClassifyCamera,
    Confirm, EndAuthorisation, EndRole, EndSessions, EnrolMember, EnrolTerminal, ExportEverything,
    GiveRole, GrantAuthorisation, ImportCases, IssueEnrolmentCode, PlaceCamera, Propose,
    RecordTraining, RegisterMedium, ReleaseMember, RemoveCamera, RemoveTerminal, RemoveWebhook,
    RetireMedium, SeeCases, SeeProof, SeeProposals, SeeStation, SeeWebhooks,
};

use station::NewProof;

use crate::asked::Done;
use crate::pages::station::{
    authorisations, cameras, cases, media, member, members, proposals, status, terminals, training,
    webhooks as hooks,
};
use crate::route::{Many, Route, get, post};

/// The largest proof, and what sending it adds.
const PROOF: usize = 2 * NewProof::LARGEST;

/// The largest list of cases: about a million.
const CASES: usize = 32 * 1024 * 1024;

pub(super) fn routes() -> Vec<Route> {
    [
        members,
        one_member,
        training,
        authorisations,
        cases,
        cameras,
        terminals,
        media_that_are_registered,
        webhooks,
        status,
        proposals,
    ]
    .into_iter()
    .flat_map(|section| section())
    .collect()
}

/// A page of the station, which shows it under a permit.
fn page(route: Route) -> Route {
    route.act(SeeStation::NAME)
}

fn members() -> Vec<Route> {
    let mut routes = vec![
        page(get("/station", members::page)).says("The members."),
        page(get("/station/members", members::page)).says("The members."),
        get("/api/members", members::list)
            .says("The members.")
            .act(SeeStation::NAME)
            .json::<members::Row>(Many::List),
    ];
    let enrol = post("/station/members", members::enrol)
        .says("Enrols a member.")
        .act(EnrolMember::NAME)
        .form::<members::NewMember>(&[
            ("login", "new.member.{n}"),
            ("name", "New Member"),
            ("badge", "500{n}"),
            ("role", "officer"),
        ]);
    let release = post("/station/release", members::release)
        .says("Releases an account that failed logins locked.")
        .act(ReleaseMember::NAME)
        .form::<members::Release>(&[("login", "lee.quill")]);
    let code = post("/station/enrolment-code", members::issue_code)
        .says("Takes what a member comes in with, and issues a code to set it anew.")
        .act(IssueEnrolmentCode::NAME)
        .form::<members::Whose>(&[("login", "lee.quill")]);
    let sessions = post("/station/sessions/end", members::end_sessions)
        .says("Ends every session of a member.")
        .act(EndSessions::NAME)
        .form::<members::Whose>(&[("login", "lee.quill")]);
    routes.extend(page(code).and_for_programs("/api/members/enrolment-code"));
    routes.extend(page(sessions).and_for_programs("/api/members/sessions/end"));
    routes.extend(page(enrol).and_for_programs("/api/members"));
    routes.extend(page(release).and_for_programs("/api/members/release"));
    routes
}

fn one_member() -> Vec<Route> {
    let give = post("/station/members/{login}/roles", member::give_role)
        .says("Gives a member a role.")
        .act(GiveRole::NAME)
        .form::<member::GivenRole>(&[
            ("role", "dispatcher"),
            ("until", "2027-11-20"),
            ("why", "Nights in the dispatch room"),
        ]);
    let end = post("/station/members/{login}/roles/end", member::end_role)
        .says("Ends a role that a member holds.")
        .act(EndRole::NAME)
        .form::<member::EndedRole>(&[("role", "officer"), ("why", "To the records room")]);
    let status = post("/station/members/{login}/status", member::change_status)
        .says("Suspends, ends or reinstates a member.")
        .act(ChangeStatus::NAME)
        .form::<member::ChangedStatus>(&[("change", "suspend"), ("why", "On leave")]);
    let mut routes = vec![
        page(get("/station/members/{login}", member::page))
            .says("A member, with every role they were ever given."),
    ];
    routes.extend(page(give).and_for_programs("/api/members/{login}/roles"));
    routes.extend(page(end).and_for_programs("/api/members/{login}/roles/end"));
    routes.extend(page(status).and_for_programs("/api/members/{login}/status"));
    routes
}

fn training() -> Vec<Route> {
    let record = post("/station/training", training::record)
        .says("Records that a member completed a course.")
        .act(RecordTraining::NAME)
        .form::<training::NewTraining>(&[
            ("login", "lee.quill"),
            ("course", "Initial course"),
            ("version", "1"),
            ("completed", "2026-11-20"),
            ("expires", "2027-11-20"),
        ]);
    let approve = post("/station/courses", training::approve)
        .says("Approves a course in one version.")
        .act(ApproveCourse::NAME)
        .form::<training::NewCourse>(&[
            ("course", "Refresher"),
            ("version", "{n}"),
            ("months", "12"),
        ]);
    let mut routes = vec![
        page(get("/station/training", training::page)).says("Courses, and who completed them."),
        get("/api/training", training::list)
            .says("Who completed which course.")
            .act(SeeStation::NAME)
            .json::<training::Record>(Many::List),
        get("/proof/{record}", training::proof)
            .says("The proof kept with a training record.")
            .act(SeeProof::NAME)
            .file(&["application/pdf", "image/jpeg", "image/png"]),
    ];
    routes.extend(page(record.up_to(PROOF)).and_for_programs("/api/training"));
    routes.extend(page(approve).and_for_programs("/api/courses"));
    routes
}

fn authorisations() -> Vec<Route> {
    let grant = post("/station/authorisations", authorisations::grant)
        .says("Grants a member sight of a class of confidential data.")
        .act(GrantAuthorisation::NAME)
        .form::<authorisations::Granted>(&[
            ("login", "lee.quill"),
            ("class", "state"),
            ("until", "2027-11-20"),
            ("why", "Task force"),
        ]);
    let end = post("/station/authorisations/end", authorisations::end)
        .says("Ends an authorisation.")
        .act(EndAuthorisation::NAME)
        .form::<authorisations::Ended>(&[
            ("login", "rowan.marsh"),
            ("class", "state"),
            ("why", "Back on patrol"),
        ]);
    let mut routes = vec![
        page(get("/station/authorisations", authorisations::page))
            .says("Who may see confidential data."),
        get("/api/authorisations", authorisations::list)
            .says("Who may see confidential data.")
            .act(SeeStation::NAME)
            .json::<authorisations::Row>(Many::List),
    ];
    routes.extend(page(grant).and_for_programs("/api/authorisations"));
    routes.extend(page(end).and_for_programs("/api/authorisations/end"));
    routes
}

fn cases() -> Vec<Route> {
    let import = post("/station/cases", cases::import)
        .says("Puts a list of cases in the place of the one before.")
        .act(ImportCases::NAME)
        .act(SeeCases::NAME)
        // number,state / 26-01877,open
        .form::<cases::Imported>(&[("file", "bnVtYmVyLHN0YXRlCjI2LTAxODc3LG9wZW4K")])
        .up_to(CASES);
    let mut routes = vec![
        get("/station/cases", cases::page)
            .says("The list of cases.")
            .act(SeeCases::NAME),
        get("/api/cases", cases::list)
            .says("The list of cases.")
            .act(SeeCases::NAME)
            .json::<cases::Row>(Many::List),
    ];
    routes.extend(import.and_for_programs("/api/cases"));
    routes
}

fn proposals() -> Vec<Route> {
    let seen = |route: Route| route.act(SeeProposals::NAME);
    let appoint = post("/station/proposals/appointment", proposals::appoint)
        .says("Proposes to give a role that two people give.")
        .act(Propose::<GiveRole>::NAME)
        .form::<proposals::Appointment>(&[
            ("login", "lee.quill"),
            ("role", "chiefs-designee"),
            ("until", ""),
            ("why", "While the Chief is away"),
        ]);
    let retain = post("/station/proposals/retention", proposals::retain)
        .says("Proposes how long a class of data is kept.")
        .act(Propose::<ChangeRetention>::NAME)
        .form::<proposals::NewRetention>(&[
            ("class", "read"),
            ("amount", "30"),
            ("unit", "days"),
            ("schedule", "24-103, item 7"),
            ("preset", "IL-MUNI"),
        ]);
    let take_out = post("/station/proposals/export", proposals::take_out)
        .says("Proposes to take everything out.")
        .act(Propose::<ExportEverything>::NAME)
        .form::<proposals::NewExport>(&[("why", "The records system changes")]);
    let export = |path| {
        post(path, proposals::export)
            .says(
                "Confirms that everything is taken out, and answers with it as it is made: a tar archive \
                 of every read as JSON Lines, its picture, the ledger, and last `manifest.json`. One that \
                 breaks off is no archive, and is proposed anew.",
            )
            .act(Confirm::<ExportEverything>::NAME)
            .form::<proposals::Confirmation>(&[])
            .file(&["application/x-tar"])
    };
    let confirm = post("/station/proposals/{proposal}", proposals::confirm)
        .says("Confirms what another proposed: an appointment, or how long data are kept.")
        .act(Confirm::<ChangeRetention>::NAME)
        .form::<proposals::Confirmation>(&[]);
    let mut routes = vec![
        seen(get("/station/proposals", proposals::page)).says("What takes two people."),
        seen(get("/api/proposals", proposals::list))
            .says("What was proposed, newest first.")
            .json::<proposals::Row>(Many::List),
    ];
    routes.extend(seen(appoint).and_for_programs("/api/proposals/appointment"));
    routes.extend(seen(retain).and_for_programs("/api/proposals/retention"));
    routes.extend(seen(take_out).and_for_programs("/api/proposals/export"));
    routes.push(export("/station/exports/{proposal}"));
    routes.push(export("/api/exports/{proposal}").takes_json());
    routes.extend(seen(confirm).and_for_programs("/api/proposals/{proposal}"));
    routes
}

fn cameras() -> Vec<Route> {
    let add = post("/station/cameras", cameras::add)
        .says("Adds a camera.")
        .act(AddCamera::NAME)
        .form::<cameras::NewCamera>(&[
            ("name", "camera-{n}"),
            ("place", "Depot Road at the yard gate"),
            ("class", ""),
        ]);
    let remove = post("/station/cameras/remove", cameras::remove)
        .says("Takes a camera's key away.")
        .act(RemoveCamera::NAME)
        .form::<cameras::GoneCamera>(&[("name", "elm-and-3rd")]);
    let classify = post("/station/cameras/class", cameras::classify)
        .says("Gives a camera a class of confidential data, another one, or none.")
        .act(ClassifyCamera::NAME)
        .form::<cameras::CameraClass>(&[
            ("name", "elm-and-3rd"),
            ("class", ""),
            ("why", "it stands in the open"),
        ]);
    let place = post("/station/cameras/position", cameras::place)
        .says("Says where a camera stands on the map.")
        .act(PlaceCamera::NAME)
        .form::<cameras::CameraPosition>(&[
            ("name", "elm-and-3rd"),
            ("position", "39.8017, -89.6437"),
        ]);
    let mut routes = vec![page(get("/station/cameras", cameras::page)).says("The cameras.")];
    routes.extend(page(classify).and_for_programs("/api/cameras/class"));
    routes.extend(page(place).and_for_programs("/api/cameras/position"));
    routes.extend(page(remove).and_for_programs("/api/cameras/remove"));
    routes.extend(page(add).and_for_programs("/api/cameras"));
    routes
}

fn terminals() -> Vec<Route> {
    let enrol = post("/station/terminals", terminals::enrol)
        .says("Enrols a terminal.")
        .act(EnrolTerminal::NAME)
        .form::<terminals::NewTerminal>(&[
            ("name", "car-{n}"),
            ("place", "Patrol car"),
            ("class", "conveyance"),
        ]);
    let remove = post("/station/terminals/remove", terminals::remove)
        .says("Takes a terminal's key away.")
        .act(RemoveTerminal::NAME)
        .form::<terminals::GoneTerminal>(&[("name", "desk-1")]);
    let mut routes = vec![
        page(get("/station/terminals", terminals::page)).says("The terminals."),
        get("/api/terminals", terminals::list)
            .says("The terminals.")
            .act(SeeStation::NAME)
            .json::<terminals::Row>(Many::List),
    ];
    routes.extend(page(remove).and_for_programs("/api/terminals/remove"));
    routes.extend(page(enrol).and_for_programs("/api/terminals"));
    routes
}

fn media_that_are_registered() -> Vec<Route> {
    let retire = post("/station/media/retire", media::retire)
        .says("Retires a medium: no evidence is written onto it in the clear any more.")
        .act(RetireMedium::NAME)
        .form::<media::RetiredMedium>(&[("label", "Evidence 7"), ("why", "Lost")]);
    let mut routes = vec![
        page(get("/station/media", media::page))
            .says("The media that evidence may be written onto."),
        get("/api/media", media::list)
            .says("The media that evidence may be written onto.")
            .act(SeeStation::NAME)
            .json::<media::Row>(Many::List),
        post("/api/media", media::register)
            .says("Registers a medium, by its encrypted volume: evidence may be written onto it.")
            .act(RegisterMedium::NAME)
            .json_form::<media::NewMedium>(&[
                ("volume", "d4eaecc5-89f3-4e64-be81-7971b1d7c8ef"),
                ("label", "Property room {n}"),
            ])
            .json::<Done>(Many::One),
    ];
    routes.extend(page(retire).and_for_programs("/api/media/retire"));
    routes
}

fn webhooks() -> Vec<Route> {
    let add = post("/station/webhooks", hooks::add)
        .says("Has alerts sent to another system of the department, in the member's name.")
        .act(AddWebhook::NAME)
        .act(SeeWebhooks::NAME)
        .form::<hooks::NewWebhook>(&[
            ("name", "dispatch-{n}"),
            ("address", "https://cad.ashford-falls.example/alerts"),
        ]);
    let remove = post("/station/webhooks/remove", hooks::remove)
        .says("Has nothing more sent there.")
        .act(RemoveWebhook::NAME)
        .act(SeeWebhooks::NAME)
        .form::<hooks::GoneWebhook>(&[("name", "dispatch")]);
    let mut routes = vec![
        get("/station/webhooks", hooks::page)
            .says("The webhooks, and what became of what they sent.")
            .act(SeeWebhooks::NAME),
        get("/api/webhooks", hooks::list)
            .says("The webhooks, and what became of what they sent.")
            .act(SeeWebhooks::NAME)
            .json::<hooks::Row>(Many::List),
    ];
    routes.extend(remove.and_for_programs("/api/webhooks/remove"));
    routes.extend(add.and_for_programs("/api/webhooks"));
    routes
}

fn status() -> Vec<Route> {
    vec![
        page(get("/station/status", status::page)).says("How the station itself stands."),
        get("/api/status", status::status)
            .says("How the station itself stands: its certificate, its ledger, what must be looked into.")
            .act(SeeStation::NAME)
            .json::<status::Status>(Many::One),
    ]
}
