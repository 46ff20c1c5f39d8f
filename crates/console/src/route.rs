//! What a line of the table of routes says.

use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{self, MethodRouter};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, ToSchema};

use crate::House;
use crate::asked::Done;

/// An address and a method, with all that is promised of it.
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; `{name}` stands for a part that varies.
    pub path: &'static str,
    /// What it is for, in a sentence.
    pub says: &'static str,
    /// Who may call it at all. What a member may do with it, the rules decide.
    pub by: By,
    /// What a call leaves in the ledger.
    pub leaves: Leaves,
    /// What it takes. A member's form carries the session's token besides.
    pub takes: Takes,
    /// What it takes in the query, with a sample of it.
    pub query: Query,
    /// What it answers with.
    pub answers: Answers,
    /// How long it may take, the body's arrival included.
    pub(crate) longest: Duration,
    pub(crate) handler: MethodRouter<House>,
}

/// How long a page may take.
const LONGEST: Duration = Duration::from_secs(30);

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Whoever reaches the station.
    Anybody,
    /// A member who is logged in.
    Member,
    /// A camera, with its key.
    Camera,
}

/// What a call leaves in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaves {
    /// One decision for each of these acts, in this order, and for each that was permitted its
    /// outcome.
    Decisions(Vec<&'static str>),
    /// The decision that opens a standing permit for this act, with the first call; then an entry
    /// for each batch that is kept under it.
    Standing(&'static str),
    /// Nothing while it is a part of what was shown under this act's permit; else a refusal.
    PartOf(&'static str),
    /// An entry that somebody came, was turned away, or left.
    Login,
    /// Nothing, for this reason: the only routes that may answer without an entry.
    Nothing(&'static str),
}

/// A set of names and values: one that the route accepts. `{n}` stands for a number never used
/// before.
pub type Sample = &'static [(&'static str, &'static str)];

/// A schema of the contract: its name, itself, and those that it speaks of.
#[derive(Clone)]
pub struct Named {
    pub(crate) name: String,
    pub(crate) schema: Box<RefOr<Schema>>,
    pub(crate) others: Vec<(String, RefOr<Schema>)>,
}

impl Named {
    pub(crate) fn of<T: ToSchema>() -> Self {
        let mut others = Vec::new();
        T::schemas(&mut others);
        Self {
            name: T::name().into_owned(),
            schema: Box::new(T::schema()),
            others,
        }
    }
}

/// The body that a route takes.
#[derive(Clone)]
pub enum Takes {
    /// None.
    Nothing,
    /// A form, with a sample; a member's form carries the session's token besides.
    Form(Named, Sample),
    /// The same as JSON, all values texts.
    Json(Named, Sample),
    /// One JPEG or PNG.
    Picture,
    /// A table as CSV, with a sample.
    Table(&'static str),
}

/// The query that a route takes.
#[derive(Clone, Default)]
pub struct Query {
    pub(crate) parameters: Vec<Parameter>,
    /// One that the route accepts.
    pub sample: Sample,
}

/// What a route answers with.
#[derive(Clone)]
pub enum Answers {
    /// A page.
    Page,
    /// The way to another page.
    Redirect,
    /// JSON: one of these, or a list of them.
    Json(Named, Many),
    /// A file of one of these kinds.
    File(&'static [&'static str]),
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// One.
    One,
    /// A list.
    List,
}

/// A page, or whatever else is fetched.
pub(crate) fn get<H: Handler<T, House>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route::new(Method::GET, path, routing::get(handler))
}

/// What changes something, or tells what must not stand in an address.
pub(crate) fn post<H: Handler<T, House>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route::new(Method::POST, path, routing::post(handler))
}

impl Route {
    fn new(method: Method, path: &'static str, handler: MethodRouter<House>) -> Self {
        Self {
            method,
            path,
            says: "",
            by: By::Member,
            leaves: Leaves::Decisions(vec![]),
            takes: Takes::Nothing,
            query: Query::default(),
            answers: Answers::Page,
            longest: LONGEST,
            handler,
        }
    }

    /// What it is for.
    pub(crate) fn says(self, says: &'static str) -> Self {
        Self { says, ..self }
    }

    /// Who may call it, if not a member.
    pub(crate) fn by(self, by: By) -> Self {
        Self { by, ..self }
    }

    /// The act it leads to, by its name in the rules. Given again: the acts after it.
    pub(crate) fn act(mut self, name: &'static str) -> Self {
        match &mut self.leaves {
            Leaves::Decisions(acts) => acts.push(name),
            other => *other = Leaves::Decisions(vec![name]),
        }
        self
    }

    /// It is done under a standing permit for this act.
    pub(crate) fn standing(self, act: &'static str) -> Self {
        Self {
            leaves: Leaves::Standing(act),
            ..self
        }
    }

    /// It opens a part of what was shown under the permit of this act.
    pub(crate) fn part_of(self, act: &'static str) -> Self {
        Self {
            leaves: Leaves::PartOf(act),
            ..self
        }
    }

    /// Somebody comes or leaves.
    pub(crate) fn login(self) -> Self {
        Self {
            leaves: Leaves::Login,
            ..self
        }
    }

    /// It leads to no act, because …
    pub(crate) fn no_act(self, because: &'static str) -> Self {
        Self {
            leaves: Leaves::Nothing(because),
            ..self
        }
    }

    /// It takes this form.
    pub(crate) fn form<T: ToSchema>(self, sample: Sample) -> Self {
        Self {
            takes: Takes::Form(Named::of::<T>(), sample),
            ..self
        }
    }

    /// It takes what this form says as JSON.
    pub(crate) fn json_form<T: ToSchema>(self, sample: Sample) -> Self {
        Self {
            takes: Takes::Json(Named::of::<T>(), sample),
            ..self
        }
    }

    /// The same for programs, at an address under `/api`: what the form says as JSON, answered with
    /// what was done and not with the page that would show it.
    pub(crate) fn and_for_programs(self, path: &'static str) -> [Self; 2] {
        let mut leaves = self.leaves.clone();
        if let Leaves::Decisions(acts) = &mut leaves {
            acts.truncate(1);
        }
        let program = Self {
            method: self.method.clone(),
            path,
            says: self.says,
            by: self.by,
            leaves,
            takes: self.takes.clone(),
            query: self.query.clone(),
            answers: Answers::Json(Named::of::<Done>(), Many::One),
            longest: self.longest,
            handler: self.handler.clone(),
        };
        [self, program.takes_json()]
    }

    /// It takes what the form says as JSON.
    pub(crate) fn takes_json(self) -> Self {
        let takes = match self.takes {
            Takes::Form(form, sample) => Takes::Json(form, sample),
            other => other,
        };
        Self { takes, ..self }
    }

    /// It takes a picture.
    pub(crate) fn picture(self) -> Self {
        Self {
            takes: Takes::Picture,
            ..self
        }
    }

    /// It takes bodies of so many bytes, where others take 64 KiB.
    pub(crate) fn up_to(self, bytes: usize) -> Self {
        Self {
            handler: self.handler.layer(DefaultBodyLimit::max(bytes)),
            ..self
        }
    }

    /// It takes a table.
    pub(crate) fn table(self, sample: &'static str) -> Self {
        Self {
            takes: Takes::Table(sample),
            ..self
        }
    }

    /// It takes this query.
    pub(crate) fn query<T: IntoParams>(self, sample: Sample) -> Self {
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        Self {
            query: Query { parameters, sample },
            ..self
        }
    }

    /// It may take so long, and no longer.
    pub(crate) fn longest(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// It answers with JSON.
    pub(crate) fn json<T: ToSchema>(self, many: Many) -> Self {
        Self {
            answers: Answers::Json(Named::of::<T>(), many),
            ..self
        }
    }

    /// It sends on to another page.
    pub(crate) fn redirects(self) -> Self {
        Self {
            answers: Answers::Redirect,
            ..self
        }
    }

    /// It answers with a file.
    pub(crate) fn file(self, kinds: &'static [&'static str]) -> Self {
        Self {
            answers: Answers::File(kinds),
            ..self
        }
    }
}
