//! The contract for programs, in OpenAPI: written from the table of routes.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value};
use utoipa::PartialSchema;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ArrayBuilder, ComponentsBuilder, Content, ContentBuilder, Info, OpenApi, OpenApiBuilder,
    PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema,
};

use crate::api::Problem;
use crate::route::{Answers, By, Leaves, Many, Named, Route, Takes};
use crate::routes::routes;

const SESSION: &str = "session";
const CAMERA_KEY: &str = "camera-key";

/// The contract of this version, as `docs/contract/openapi.json` keeps it.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn contract() -> Result<String, serde_json::Error> {
    let routes = routes();
    let mut components = ComponentsBuilder::new()
        .security_scheme(
            SESSION,
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "__Host-lictor",
                "The cookie that the login sets; `lictor` without TLS.",
            ))),
        )
        .security_scheme(
            CAMERA_KEY,
            SecurityScheme::Http(
                HttpBuilder::new()
                    .scheme(HttpAuthScheme::Bearer)
                    .description(Some(
                        "The key that the station showed when the camera was added.",
                    ))
                    .build(),
            ),
        );
    for named in routes.iter().flat_map(schemas).chain([problem()]) {
        components = components.schema(named.name, *named.schema);
        for (name, schema) in named.others {
            components = components.schema(name, schema);
        }
    }
    let mut paths = PathsBuilder::new();
    for route in &routes {
        paths = paths.path(route.path, PathItem::new(method(route), operation(route)));
    }
    let mut info = Info::new("Lictor", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Pages for people, and addresses for programs. Every use of the data stands in the ledger, \
         decided before it is done; `x-leaves` says what a call leaves there."
            .to_owned(),
    );
    let contract: OpenApi = OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components.build()))
        .build();
    Ok(contract.to_pretty_json()? + "\n")
}

fn method(route: &Route) -> HttpMethod {
    if route.method == Method::POST {
        HttpMethod::Post
    } else {
        HttpMethod::Get
    }
}

fn problem() -> Named {
    Named::of::<Problem>()
}

fn schemas(route: &Route) -> Vec<Named> {
    let mut named = Vec::new();
    if let Takes::Form(form, _) | Takes::Json(form, _) = &route.takes {
        named.push(form.clone());
    }
    if let Answers::Json(answer, _) = &route.answers {
        named.push(answer.clone());
    }
    named
}

fn operation(route: &Route) -> Operation {
    let mut operation = OperationBuilder::new()
        .summary(Some(route.says))
        .extensions(Some(
            [("x-leaves".to_owned(), leaves(&route.leaves))]
                .into_iter()
                .collect(),
        ));
    for name in varying(route.path) {
        operation = operation.parameter(
            ParameterBuilder::new()
                .name(name)
                .parameter_in(ParameterIn::Path)
                .required(Required::True)
                .schema(Some(String::schema())),
        );
    }
    for parameter in &route.query.parameters {
        operation = operation.parameter(parameter.clone());
    }
    operation = match &route.takes {
        Takes::Nothing => operation,
        Takes::Form(form, sample) | Takes::Json(form, sample) => operation.request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .description(members_form(route))
                .content(
                    if programs(route) {
                        "application/json"
                    } else {
                        "application/x-www-form-urlencoded"
                    },
                    ContentBuilder::new()
                        .schema(Some(reference(form)))
                        .example(Some(example(sample)))
                        .build(),
                )
                .build(),
        )),
        Takes::Table(sample) => operation.request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content(
                    "text/csv",
                    ContentBuilder::new()
                        .example(Some((*sample).into()))
                        .build(),
                )
                .build(),
        )),
        Takes::Picture => operation.request_body(Some(
            RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content("image/jpeg", Content::default())
                .content("image/png", Content::default())
                .build(),
        )),
    };
    let shows = match route.by {
        By::Anybody => None,
        By::Member => Some(SESSION),
        By::Camera => Some(CAMERA_KEY),
    };
    if let Some(scheme) = shows {
        operation = operation.security(SecurityRequirement::new(scheme, Vec::<String>::new()));
    }
    for (status, response) in responses(route) {
        operation = operation.response(status.as_str(), response);
    }
    operation.build()
}

fn responses(route: &Route) -> Vec<(StatusCode, Response)> {
    let says = |text: &str| ResponseBuilder::new().description(text);
    let page = |text: &str| says(text).content("text/html", Content::default()).build();
    let programs = programs(route);
    let wrong = |text: &str| {
        if programs {
            let content = Content::new(Some(reference(&problem())));
            says(text).content("application/json", content).build()
        } else {
            page(text)
        }
    };
    let mut responses = vec![match &route.answers {
        Answers::Page => (StatusCode::OK, page("The page.")),
        Answers::Redirect => (StatusCode::SEE_OTHER, says("On to another page.").build()),
        Answers::Json(named, many) => {
            let schema = match many {
                Many::One => reference(named),
                Many::List => ArrayBuilder::new().items(reference(named)).into(),
            };
            let content = Content::new(Some(schema));
            (
                StatusCode::OK,
                says("The answer.")
                    .content("application/json", content)
                    .build(),
            )
        }
        Answers::File(kinds) => (
            StatusCode::OK,
            kinds
                .iter()
                .fold(says("The file."), |file, kind| {
                    file.content(*kind, Content::default())
                })
                .build(),
        ),
    }];
    let redirects = matches!(route.answers, Answers::Redirect);
    match route.by {
        By::Anybody => {}
        By::Member if programs => responses.push((StatusCode::UNAUTHORIZED, wrong("No session."))),
        By::Member if redirects => {}
        By::Member => responses.push((
            StatusCode::SEE_OTHER,
            says("To the login without a session; to the training page without training.").build(),
        )),
        By::Camera => responses.push((StatusCode::UNAUTHORIZED, wrong("Not such a camera's key."))),
    }
    let changes = !matches!(route.takes, Takes::Nothing);
    match &route.leaves {
        Leaves::Decisions(_) | Leaves::Standing(_) | Leaves::PartOf(_) => responses.extend([
            (
                StatusCode::FORBIDDEN,
                wrong("Refused, and the refusal is recorded."),
            ),
            (
                StatusCode::SERVICE_UNAVAILABLE,
                wrong("Nothing is permitted: the record cannot be written."),
            ),
        ]),
        Leaves::Login if route.by == By::Anybody => {
            responses.push((
                StatusCode::UNAUTHORIZED,
                wrong("Not let in; the attempt is recorded."),
            ));
        }
        Leaves::Login => responses.push((StatusCode::FORBIDDEN, wrong("Another session's form."))),
        Leaves::Nothing(_) => {}
    }
    if changes {
        responses.push((
            StatusCode::UNPROCESSABLE_ENTITY,
            wrong("What was sent is not usable."),
        ));
    }
    responses
}

/// What a member's form carries besides what is its own.
fn members_form(route: &Route) -> Option<&'static str> {
    (route.by == By::Member)
        .then_some("Besides, `token`: the one that stands in the forms of the session's pages.")
}

/// Whether it is an address for programs.
fn programs(route: &Route) -> bool {
    matches!(route.answers, Answers::Json(..))
}

fn reference(named: &Named) -> RefOr<Schema> {
    Ref::from_schema_name(&named.name).into()
}

fn leaves(leaves: &Leaves) -> Value {
    match leaves {
        Leaves::Decisions(acts) => Value::from(acts.clone()),
        Leaves::Standing(act) => Value::from(format!("standing permit: {act}")),
        Leaves::PartOf(act) => Value::from(format!("part of what {act} showed")),
        Leaves::Login => Value::from("login"),
        Leaves::Nothing(because) => Value::from(format!("nothing: {because}")),
    }
}

fn example(sample: &[(&str, &str)]) -> Value {
    let fields = sample.iter().map(|(name, value)| {
        let value = value.replace("{n}", "1");
        ((*name).to_owned(), Value::from(value))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

/// The names of a path's parts that vary.
fn varying(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}
