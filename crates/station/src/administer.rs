//! Members, training, cameras: administration without plate data.

use crypt::{Digest, sha256};
use govern::{
    AddCamera, EnrolMember, MemberId, MemberStatus, PlaceCamera, Position, ReleaseMember,
    RemoveCamera, SeeStation, Subject,
};
use jiff::civil::Date;
use store::{Authorisation, Camera, Course, Member, NewCamera, RoleHeld, Training};

use crate::gate::Done;
use crate::{Caller, IssuedCode, Station, StationError};

/// A camera's key, shown once.
pub struct CameraKey(pub String);

/// A member, as the administrator's page shows them.
pub struct MemberOverview {
    /// Who.
    pub member: Member,
    /// Whether they may come in.
    pub status: MemberStatus,
    /// Every role they were ever given, in that order.
    pub roles: Vec<RoleHeld>,
    /// Their training records, newest first.
    pub training: Vec<Training>,
}

/// What the administrator's page shows.
pub struct Overview {
    /// Every member.
    pub members: Vec<MemberOverview>,
    /// Every authorisation that was ever granted, newest first.
    pub authorisations: Vec<Authorisation>,
    /// Every course that was approved.
    pub courses: Vec<Course>,
    /// Every camera.
    pub cameras: Vec<Camera>,
}

/// A member whom a form names by login, or nobody.
pub(crate) struct Named {
    /// As the rules judge them; where nobody has the login, the id is one that nobody has either.
    pub(crate) subject: Subject,
    pub(crate) member: Option<Member>,
}

impl Named {
    /// Asked behind the gate.
    pub(crate) fn must_be_known(&self) -> Result<(), StationError> {
        match self.member {
            Some(_) => Ok(()),
            None => Err(no_such_login(&self.subject.login)),
        }
    }
}

fn no_such_login(login: &str) -> StationError {
    StationError::Input(format!("no member has the login {login}"))
}

/// A login: 2 to 32 letters, digits, dots and hyphens.
pub(crate) fn check_login_name(login: &str) -> Result<(), StationError> {
    // Accounts are a person's; these names are what shared accounts are called (case 27).
    const SHARED: [&str; 12] = [
        "admin",
        "administrator",
        "officer",
        "dispatch",
        "dispatcher",
        "police",
        "root",
        "user",
        "guest",
        "shared",
        "patrol",
        "test",
    ];
    let fits = (2..=32).contains(&login.len())
        && login
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if !fits {
        return Err(StationError::Input(
            "a login has 2 to 32 letters, digits, dots and hyphens".to_owned(),
        ));
    }
    if SHARED.contains(&login.to_ascii_lowercase().as_str()) {
        return Err(StationError::Input(format!(
            "{login} is nobody's name: accounts are never shared"
        )));
    }
    Ok(())
}

pub(crate) fn check_words(what: &str, text: &str) -> Result<(), StationError> {
    match text.trim().chars().count() {
        1..=80 if !text.chars().any(char::is_control) => Ok(()),
        _ => Err(StationError::Input(format!(
            "{what} has 1 to 80 characters"
        ))),
    }
}

impl Station {
    /// Enrols a member, and gives the code with which they set their own password and second factor.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a login that is taken or shared, a role
    /// that there is not.
    pub fn enrol(&self, caller: &Caller, new: EnrolMember) -> Result<IssuedCode, StationError> {
        check_login_name(&new.login)?;
        check_words("a name", &new.name)?;
        check_words("a badge", &new.badge)?;
        for role in &new.roles {
            self.check_role(role)?;
        }
        let (enrolment, issued) = self.new_enrolment();
        self.perform(caller, new, |permit| {
            let member = self.store.enrol(permit, enrolment, &*self.random)?;
            Ok(Done {
                value: (),
                ids: vec![*member.as_bytes()],
            })
        })?;
        Ok(issued)
    }

    /// Releases an account that failed logins locked.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a login that nobody has.
    pub fn release(&self, caller: &Caller, login: &str) -> Result<(), StationError> {
        let named = self.named(login)?;
        let act = ReleaseMember {
            member: named.subject.member,
            login: named.subject.login.clone(),
        };
        self.perform(caller, act, |permit| {
            named.must_be_known()?;
            self.store.release(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*named.subject.member.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Adds a camera and gives its key.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] for a name that is taken.
    pub fn add_camera(&self, caller: &Caller, new: AddCamera) -> Result<CameraKey, StationError> {
        check_words("a camera's name", &new.name)?;
        check_words("a camera's place", &new.place)?;
        if let Some(class) = &new.class {
            self.check_class(class)?;
        }
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        let key = Digest(bytes).to_string();
        let digest = NewCamera {
            key_digest: sha256(key.as_bytes()),
        };
        self.perform(caller, new, |permit| {
            let camera = self.store.add_camera(permit, &digest, &*self.random)?;
            Ok(Done {
                value: (),
                ids: vec![*camera.as_bytes()],
            })
        })?;
        Ok(CameraKey(key))
    }

    /// Says where a camera stands on the map; none where nobody knows any more.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such camera.
    pub fn place_camera(
        &self,
        caller: &Caller,
        name: &str,
        position: Option<Position>,
    ) -> Result<(), StationError> {
        let camera = self.camera_by_name(name)?;
        let act = PlaceCamera {
            camera: camera.id,
            name: camera.name,
            position,
        };
        self.perform(caller, act, |permit| {
            self.store.place_camera(permit)?;
            Ok(Done {
                value: (),
                ids: vec![*camera.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    /// Takes a camera's key away and closes its standing permit.
    ///
    /// # Errors
    /// [`StationError::Refused`]; [`StationError::Input`] when there is no such camera.
    pub fn remove_camera(&self, caller: &Caller, name: &str) -> Result<(), StationError> {
        let camera = self.camera_by_name(name)?;
        let act = RemoveCamera {
            camera: camera.id,
            name: camera.name,
        };
        self.perform(caller, act, |permit| {
            self.store.remove_camera(permit)?;
            self.close_standing_permit(camera.id)?;
            Ok(Done {
                value: (),
                ids: vec![*camera.id.as_bytes()],
            })
        })?;
        Ok(())
    }

    pub(crate) fn camera_by_name(&self, name: &str) -> Result<Camera, StationError> {
        let name = name.trim();
        let mut cameras = self.store.cameras()?.into_iter();
        cameras
            .find(|camera| camera.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| StationError::Input(format!("there is no camera {name}")))
    }

    /// Who is enrolled, with their training, and which cameras there are.
    ///
    /// # Errors
    /// [`StationError::Refused`].
    pub fn overview(&self, caller: &Caller) -> Result<Overview, StationError> {
        let (overview, _permit) = self.perform(caller, SeeStation, |_permit| {
            let mut members = Vec::new();
            let roles = self.store.roles_held()?;
            for member in self.store.members()? {
                members.push(MemberOverview {
                    status: self.status(&member),
                    roles: roles
                        .iter()
                        .filter(|held| held.member == member.id)
                        .cloned()
                        .collect(),
                    training: self.store.training(member.id)?,
                    member,
                });
            }
            let ids = members
                .iter()
                .map(|one| *one.member.id.as_bytes())
                .collect();
            Ok(Done {
                value: Overview {
                    members,
                    authorisations: self.store.authorisations()?,
                    courses: self.store.courses()?,
                    cameras: self.store.cameras()?,
                },
                ids,
            })
        })?;
        Ok(overview)
    }

    /// Whom a form names. That nobody has the login is said only behind the gate: who may not ask
    /// learns nothing from the answer, and the question stands in the ledger.
    pub(crate) fn named(&self, login: &str) -> Result<Named, StationError> {
        let found = match self.member_by_login(login) {
            Ok(member) => Some(member),
            Err(StationError::Input(_)) => None,
            Err(other) => return Err(other),
        };
        let subject = match &found {
            Some(member) => Subject {
                member: member.id,
                login: member.login.clone(),
                office: member.roles.iter().any(|role| self.policy.is_office(role)),
            },
            None => Subject {
                member: MemberId::random(&*self.random),
                login: login.trim().chars().take(64).collect(),
                office: false,
            },
        };
        Ok(Named {
            subject,
            member: found,
        })
    }

    /// The member with this login.
    ///
    /// # Errors
    /// [`StationError::Input`] when there is none.
    pub fn member_by_login(&self, login: &str) -> Result<Member, StationError> {
        let found = self
            .store
            .members()?
            .into_iter()
            .find(|member| member.login.eq_ignore_ascii_case(login.trim()));
        found.ok_or_else(|| no_such_login(login))
    }

    /// Today, where the agency is.
    pub fn today(&self) -> Date {
        self.about.time_zone.to_datetime(self.clock.now()).date()
    }
}
