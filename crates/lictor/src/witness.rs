//! `lictor witness`: a small witness for others' ledgers, run by whoever is not the agency: the city
//! clerk, the county, a newspaper. It holds no data and no member's secret; logs are known by key.

use std::fs;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use clap::{Args, Subcommand as Subcommands};
use crypt::SystemRandom;
use govern::{Clock, SystemClock};
use ledger::{LedgerError, VerifyingKey, Witness, WitnessAnswer, WitnessKey};

use crate::serve::stop_when_told;
use crate::{Complaint, complain, say};

/// A head and its proof are a few kilobytes.
const LARGEST: usize = 64 * 1024;

#[derive(Subcommands)]
pub(crate) enum Command {
    /// Make a witness in a new folder
    Init {
        /// The folder
        folder: PathBuf,
        /// Its name, such as `clerk.ashford-falls.example`: it stands beside every cosignature
        #[arg(long)]
        name: String,
    },
    /// Watch a log from now on
    Trust {
        /// The witness's folder
        folder: PathBuf,
        /// A file with the log's public key, as the station published it
        log: PathBuf,
    },
    /// Run it
    Serve(Serving),
}

#[derive(Args)]
pub(crate) struct Serving {
    /// The witness's folder
    folder: PathBuf,
    /// The port
    #[arg(long, default_value_t = 8430)]
    port: u16,
    /// A certificate (PEM). Without one, this machine alone is served
    #[arg(long, requires = "certificate_key")]
    certificate: Option<PathBuf>,
    /// Its private key (PEM)
    #[arg(long, requires = "certificate")]
    certificate_key: Option<PathBuf>,
}

/// The files of a witness.
struct Files<'a>(&'a Path);

impl Files<'_> {
    fn key(&self) -> PathBuf {
        self.0.join("witness.key")
    }

    fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    fn memory(&self) -> PathBuf {
        self.0.join("seen")
    }
}

pub(crate) fn run(command: &Command) -> Result<ExitCode, Complaint> {
    match command {
        Command::Init { folder, name } => init(folder, name),
        Command::Trust { folder, log } => trust(folder, log),
        Command::Serve(serving) => serve(serving),
    }
}

fn init(folder: &Path, name: &str) -> Result<ExitCode, Complaint> {
    let files = Files(folder);
    if files.key().exists() {
        return Err(Complaint::of(format!(
            "{}: there is a witness here already",
            folder.display()
        )));
    }
    let key = WitnessKey::create(name, &SystemRandom).map_err(Complaint::of)?;
    durable::create_folder(folder)?;
    durable::replace(&files.key(), format!("{}\n", key.expose()).as_bytes())?;
    say(format!(
        "The witness {name} is made. Its public key, for the stations whose ledgers it cosigns:\n\n  {}\n",
        key.public().as_text()
    ))?;
    say(format!(
        "Give it each log's published key (lictor witness trust {0} ledger.pub), then run it:\nlictor witness serve {0}",
        folder.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn trust(folder: &Path, log: &Path) -> Result<ExitCode, Complaint> {
    let files = Files(folder);
    let key = VerifyingKey::from_text(&read(log)?).map_err(Complaint::of)?;
    let mut logs = logs(&files)?;
    if let Some(known) = logs.iter().find(|known| known.origin() == key.origin()) {
        return Err(Complaint::of(format!(
            "{} is watched already, with the key {}",
            known.origin(),
            known.as_text()
        )));
    }
    logs.push(key);
    let lines: String = (logs.iter())
        .map(|log| format!("{}\n", log.as_text()))
        .collect();
    durable::replace(&files.logs(), lines.as_bytes())?;
    say("It is watched once the witness is started again.")?;
    Ok(ExitCode::SUCCESS)
}

fn logs(files: &Files<'_>) -> Result<Vec<VerifyingKey>, Complaint> {
    let path = files.logs();
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = read(&path)?;
    let keys = text.lines().map(VerifyingKey::from_text);
    keys.collect::<Result<_, _>>()
        .map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
}

fn read(path: &Path) -> Result<String, Complaint> {
    fs::read_to_string(path).map_err(|e| Complaint::of(format!("{}: {e}", path.display())))
}

fn serve(serving: &Serving) -> Result<ExitCode, Complaint> {
    let files = Files(&serving.folder);
    let key = WitnessKey::from_text(&read(&files.key())?).map_err(Complaint::of)?;
    let name = key.public().name().to_owned();
    let witness = Witness::open(&files.memory(), key, logs(&files)?).map_err(Complaint::of)?;
    let tls = serving
        .certificate
        .as_ref()
        .zip(serving.certificate_key.as_ref());
    let port = serving.port;
    let listener = match tls {
        Some(_) => TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))
            .or_else(|_| TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))),
        None => TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
    }
    .map_err(|e| Complaint::of(format!("port {port} cannot be used: {e}")))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let port = listener.local_addr()?.port();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let handle = Handle::new();
        stop_when_told(&handle, || {})?;
        let pages = router(Arc::new(Serves {
            witness,
            clock: SystemClock::new(),
        }))
        .into_make_service();
        let at = if tls.is_some() {
            "this machine's name"
        } else {
            "localhost"
        };
        say(format!("{name}: the witness is at {scheme}://{at}:{port}"))?;
        match tls {
            Some((certificate, key)) => {
                let config = RustlsConfig::from_pem_file(certificate, key).await?;
                let server = axum_server::from_tcp_rustls(listener, config)?;
                server.handle(handle).serve(pages).await
            }
            None => {
                axum_server::from_tcp(listener)?
                    .handle(handle)
                    .serve(pages)
                    .await
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

struct Serves {
    witness: Witness,
    clock: SystemClock,
}

fn router(serves: Arc<Serves>) -> Router {
    Router::new()
        .route("/", get(standing))
        .route("/add-checkpoint", post(add_checkpoint))
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(serves)
}

/// `GET /`: who this is, which logs it watches, and whether it raised alarms.
async fn standing(State(serves): State<Arc<Serves>>) -> Response {
    let told = tokio::task::spawn_blocking(move || tell(&serves.witness)).await;
    match told {
        Ok(Ok(text)) => text.into_response(),
        Ok(Err(error)) => cannot(&error.to_string()),
        Err(error) => cannot(&error.to_string()),
    }
}

fn tell(witness: &Witness) -> Result<String, LedgerError> {
    let mut text = format!("witness {}\n", witness.key().public().as_text());
    for seen in witness.seen()? {
        text.push_str(&format!(
            "log {}: {} entries seen\n",
            seen.origin, seen.size
        ));
    }
    text.push_str(&match witness.alarms()? {
        0 => "no alarms\n".to_owned(),
        n => format!("ALARMS: {n}. Two histories were shown, or a log was rolled back; the evidence lies in the witness's folder, under seen/alarms\n"),
    });
    Ok(text)
}

/// `POST /add-checkpoint`, as c2sp.org/tlog-witness says.
async fn add_checkpoint(State(serves): State<Arc<Serves>>, body: Bytes) -> Response {
    let judged =
        tokio::task::spawn_blocking(move || serves.witness.submit(&body, serves.clock.now())).await;
    let (answer, alarm) = match judged {
        Ok(Ok(judged)) => judged,
        Ok(Err(error)) => return cannot(&error.to_string()),
        Err(error) => return cannot(&error.to_string()),
    };
    if let Some(alarm) = alarm {
        complain(&format!(
            "ALARM: {}. Evidence: {}",
            alarm.says,
            alarm.evidence.display()
        ));
    }
    let plain = |status: StatusCode, text: &str| (status, format!("{text}\n")).into_response();
    match answer {
        WitnessAnswer::Cosigned(line) => line.into_response(),
        WitnessAnswer::Conflict(size) => {
            let kind = [(header::CONTENT_TYPE, "text/x.tlog.size")];
            (StatusCode::CONFLICT, kind, format!("{size}\n")).into_response()
        }
        WitnessAnswer::Malformed(words) => plain(StatusCode::BAD_REQUEST, words),
        WitnessAnswer::UnknownLog => plain(StatusCode::NOT_FOUND, "this log is not watched here"),
        WitnessAnswer::Unsigned => plain(
            StatusCode::FORBIDDEN,
            "no key that is known for this log signed it",
        ),
        WitnessAnswer::Unproven => plain(
            StatusCode::UNPROCESSABLE_ENTITY,
            "the proof does not show that this head continues the one before",
        ),
    }
}

fn cannot(why: &str) -> Response {
    complain(why);
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    (
        status,
        "the witness cannot keep what it sees: nothing is cosigned\n",
    )
        .into_response()
}
