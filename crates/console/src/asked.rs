//! One handler for people and programs: a form answered with a page, or JSON answered with JSON.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use station::{Caller, Station, StationError};
use utoipa::ToSchema;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::{Key, Member};

/// Who reads the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person, in a browser: pages.
    Person,
    /// A program: JSON.
    Program,
}

impl Reader {
    /// Programs say that they send JSON; a form cannot.
    fn of(headers: &HeaderMap) -> Self {
        let sent = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        match sent {
            Some(kind) if kind.starts_with("application/json") => Self::Program,
            _ => Self::Person,
        }
    }
}

/// What a member asks to be done.
pub(crate) struct Asked<T> {
    pub(crate) member: Member,
    pub(crate) input: T,
    pub(crate) reader: Reader,
}

/// A failure for whoever asked.
pub(crate) struct Answered {
    failure: Failure,
    reader: Reader,
}

/// What was done, and what is shown only now.
#[derive(Serialize, ToSchema)]
pub(crate) struct Done {
    /// In a sentence.
    #[serde(rename = "done")]
    pub(crate) says: String,
    /// What is shown once and kept nowhere in this form.
    pub(crate) shown_once: Vec<Shown>,
}

/// Something that is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct Shown {
    /// What it is.
    pub(crate) name: &'static str,
    /// Itself.
    pub(crate) value: String,
}

impl Done {
    pub(crate) fn saying(says: String) -> Self {
        Self {
            says,
            shown_once: vec![],
        }
    }
}

impl Answered {
    /// A failure for this reader.
    pub(crate) fn to(reader: Reader, failure: Failure) -> Self {
        Self { failure, reader }
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        match self.reader {
            Reader::Person => self.failure.into_response(),
            Reader::Program => Refused::from(self.failure).into_response(),
        }
    }
}

/// What was sent, by name: texts, and files as base64.
type Fields = Map<String, Value>;

impl<T: DeserializeOwned> FromRequest<House> for Asked<T> {
    type Rejection = Answered;

    /// The body is taken first and the session judged after it. A form must carry its session's token;
    /// JSON need not, as no page of another site can send it with the session's cookie.
    async fn from_request(request: Request, house: &House) -> Result<Self, Answered> {
        let reader = Reader::of(request.headers());
        let answered = |failure| Answered { failure, reader };
        let (mut parts, body) = request.into_parts();
        // Nobody without a key has the station hold what they send.
        Key::from_request_parts(&mut parts, house)
            .await
            .map_err(answered)?;
        let body = Bytes::from_request(Request::from_parts(parts.clone(), body), house)
            .await
            .map_err(|e| answered(Failure::Unreadable(e.into_response().status())))?;
        let member = Member::from_request_parts(&mut parts, house)
            .await
            .map_err(answered)?;
        let mut fields = fields(reader, parts, body, house).await.map_err(answered)?;
        if reader == Reader::Person {
            let token = fields.remove("token").unwrap_or_default();
            if token.as_str() != Some(&member.session.form_token()) {
                return Err(answered(Failure::ForeignForm));
            }
        }
        let input = T::deserialize(Value::Object(fields)).map_err(|e| answered(unusable(&e)))?;
        Ok(Self {
            member,
            input,
            reader,
        })
    }
}

async fn fields(
    reader: Reader,
    parts: Parts,
    body: Bytes,
    house: &House,
) -> Result<Fields, Failure> {
    if reader == Reader::Program {
        return serde_json::from_slice(&body).map_err(|e| unusable(&e));
    }
    let kind = parts.headers.get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data")) {
        let pairs: Vec<(String, String)> =
            serde_html_form::from_bytes(&body).map_err(|e| unusable(&e))?;
        let mut fields = Fields::new();
        for (name, value) in pairs {
            put(&mut fields, name, value);
        }
        return Ok(fields);
    }
    // A form that carries a file comes in parts.
    let mut form = Multipart::from_request(Request::from_parts(parts, body.into()), house)
        .await
        .map_err(|e| unusable(&e.body_text()))?;
    let mut fields = Fields::new();
    while let Some(part) = form
        .next_field()
        .await
        .map_err(|e| unusable(&e.body_text()))?
    {
        let name = part.name().unwrap_or_default().to_owned();
        let is_file = part.file_name().is_some();
        let bytes = part.bytes().await.map_err(|e| unusable(&e.body_text()))?;
        let text = if is_file {
            BASE64_STANDARD.encode(&bytes)
        } else {
            String::from_utf8_lossy(&bytes).into_owned()
        };
        put(&mut fields, name, text);
    }
    Ok(fields)
}

/// What is ticked under one name comes one by one: it is one text, with spaces between.
fn put(fields: &mut Fields, name: String, text: String) {
    match fields.get_mut(&name) {
        Some(Value::String(before)) => *before += &format!(" {text}"),
        _ => {
            fields.insert(name, Value::String(text));
        }
    }
}

fn unusable(what: &dyn std::fmt::Display) -> Failure {
    Failure::Station(StationError::Input(what.to_string()))
}

impl<T> Asked<T> {
    /// A failure for whoever asked this.
    pub(crate) fn answered(&self, failure: Failure) -> Answered {
        Answered {
            failure,
            reader: self.reader,
        }
    }
}

impl<T: Send + 'static> Asked<T> {
    /// Does it, and shows `section` with what was done; a program is told that alone.
    pub(crate) async fn answer(
        self,
        house: &House,
        section: crate::pages::station::Section,
        work: impl FnOnce(&Station, &Caller, T) -> Result<Done, StationError> + Send + 'static,
    ) -> Result<Response, Answered> {
        let Self {
            member,
            input,
            reader,
        } = self;
        let answered = |failure| Answered { failure, reader };
        let caller = member.caller();
        let done = house
            .ask(move |station| work(station, &caller, input))
            .await
            .map_err(answered)?;
        match reader {
            Reader::Program => Ok(Json(done).into_response()),
            Reader::Person => section
                .show(house, &member, Some(done))
                .await
                .map_err(answered),
        }
    }
}

/// A day, or nothing where the field was left empty.
pub(crate) fn day(text: &str) -> Result<Option<jiff::civil::Date>, StationError> {
    match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| StationError::Input(format!("{text} is no day: write it as 2027-03-14"))),
    }
}

/// A file that was sent, or nothing where none was chosen.
pub(crate) fn file(base64: &str) -> Result<Option<Vec<u8>>, StationError> {
    match base64 {
        "" => Ok(None),
        text => BASE64_STANDARD
            .decode(text)
            .map(Some)
            .map_err(|_| StationError::Input("a file is sent as base64".to_owned())),
    }
}
