//! Running the station.

use govern::{
    Action, AddCamera, ApproveCourse, ChangeStatus, EndRole, EndSessions, EnrolMember, GiveRole,
    IssueEnrolmentCode, RecordTraining, ReleaseMember, RemoveCamera, SeeProof, SeeStation,
};

use station::NewProof;

use crate::pages::station::{cameras, member, members, training};
use crate::route::{Many, Route, get, post};

/// The largest proof, and what sending it adds.
const PROOF: usize = 2 * NewProof::LARGEST;

pub(super) fn routes() -> Vec<Route> {
    [members, one_member, training, cameras]
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

fn cameras() -> Vec<Route> {
    let add = post("/station/cameras", cameras::add)
        .says("Adds a camera.")
        .act(AddCamera::NAME)
        .form::<cameras::NewCamera>(&[
            ("name", "camera-{n}"),
            ("place", "Depot Road at the yard gate"),
        ]);
    let remove = post("/station/cameras/remove", cameras::remove)
        .says("Takes a camera's key away.")
        .act(RemoveCamera::NAME)
        .form::<cameras::GoneCamera>(&[("name", "elm-and-3rd")]);
    let mut routes = vec![page(get("/station/cameras", cameras::page)).says("The cameras.")];
    routes.extend(page(remove).and_for_programs("/api/cameras/remove"));
    routes.extend(page(add).and_for_programs("/api/cameras"));
    routes
}
