//! `lictor serve`: running a station.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use clap::Args;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use station::{CertificateFiles, Station};
use tokio::signal::unix::{SignalKind, signal};

use crate::cosigning::ask_witnesses;
use crate::delivering::deliver_alerts;
use crate::feeding::take_lists;
use crate::{Complaint, complain, say, secret, sign_on, surroundings};

#[derive(Args)]
pub(crate) struct Arguments {
    /// The station's folder
    folder: PathBuf,
    /// The port
    #[arg(long, default_value_t = 8420)]
    port: u16,
    /// The port at which browsers reach the station, where another is forwarded to it: passkeys are
    /// made for that address alone
    #[arg(long)]
    public_port: Option<u16>,
    /// A file outside the station's folder that holds the passphrase; else systemd's credential
    /// `lictor-passphrase`, else it is asked for
    #[arg(long)]
    passphrase_file: Option<PathBuf>,
    /// The agency's own certificate for the station's host, with what leads to its authority: PEM.
    /// Read again by itself when it changes. Else the station shows one of its own authority
    #[arg(long, requires = "certificate_key")]
    certificate: Option<PathBuf>,
    /// Its private key: PEM
    #[arg(long, requires = "certificate")]
    certificate_key: Option<PathBuf>,
    /// The settings of the agency's provider of single sign-on (OpenID Connect): TOML
    #[arg(long)]
    sign_on: Option<PathBuf>,
}

/// How long a request's header may take to arrive, and how long a connection may say nothing.
const LONGEST_HEADER: Duration = Duration::from_secs(20);

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Complaint> {
    let passphrase = secret::passphrase(&arguments.folder, arguments.passphrase_file.as_deref())?;
    let station = Station::open(&arguments.folder, &passphrase, surroundings())?;
    for warning in station.warnings() {
        complain(&format!("warning: {warning}"));
    }
    if let Some(path) = &arguments.sign_on {
        sign_on::take_up(&station, path)?;
    }
    let files = arguments.certificate.clone();
    let files = files.zip(arguments.certificate_key.clone());
    let own = files.map(|(chain, key)| CertificateFiles { chain, key });
    let public_port = arguments.public_port;
    serve(
        station,
        arguments.port,
        public_port,
        own,
        |station, address| {
            say(format!(
                "{}: Lictor is at {address}",
                station.about().agency
            ))
        },
    )
}

/// Serves until the process is told to stop, then ends the station in order. `greet` is called with
/// the address once it answers.
pub(crate) fn serve(
    station: Station,
    port: u16,
    public_port: Option<u16>,
    own: Option<CertificateFiles>,
    greet: impl FnOnce(&Station, &str) -> std::io::Result<()>,
) -> Result<ExitCode, Complaint> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::from_default_env()
                .add_directive(tracing::Level::WARN.into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let station = Arc::new(station);
    let host = station.about().host.clone();
    let tls = station.take_up_certificate(own)?;
    // Plain HTTP goes to this machine and nowhere else.
    let listener = if tls.is_some() {
        TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))
            .or_else(|_| TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))))
    } else {
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }
    .map_err(|e| Complaint::of(format!("port {port} cannot be used: {e}")))?;
    station.reached_at(public_port.unwrap_or(listener.local_addr()?.port()));
    let scheme = if tls.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{host}:{}", listener.local_addr()?.port());

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let served = runtime.block_on(async {
        let pages = console::pages(Arc::clone(&station), tls.is_some())
            .into_make_service_with_connect_info::<SocketAddr>();
        let handle = Handle::new();
        // Listened for before the greeting: whoever reads it may say stop at once.
        let ending = Arc::clone(&station);
        stop_when_told(&handle, move || {
            // The streams would else be waited for.
            let _ = ending.end_streams();
        })?;
        let signing = tokio::spawn(sign_every_second(Arc::clone(&station)));
        let asking = tokio::spawn(ask_witnesses(Arc::clone(&station)));
        let rewrapping = tokio::spawn(rewrap_pictures(Arc::clone(&station)));
        let purging = tokio::spawn(purge(Arc::clone(&station)));
        let tending = tokio::spawn(tend_alerts(Arc::clone(&station)));
        let delivering = tokio::spawn(deliver_alerts(Arc::clone(&station)));
        let feeding = tokio::spawn(take_lists(Arc::clone(&station)));
        let checking = tokio::spawn(check_every_night(Arc::clone(&station)));
        greet(&station, &address)?;
        let served = match tls {
            Some(tls) => {
                let config =
                    RustlsConfig::from_pem(tls.chain().into(), tls.expose_key().into()).await?;
                let mut server = axum_server::from_tcp_rustls(listener, config.clone())?;
                limit_time(server.http_builder());
                let tending = tokio::spawn(tend_certificate(Arc::clone(&station), config));
                let served = server.handle(handle).serve(pages).await;
                tending.abort();
                served
            }
            None => {
                let mut server = axum_server::from_tcp(listener)?;
                limit_time(server.http_builder());
                server.handle(handle).serve(pages).await
            }
        };
        signing.abort();
        asking.abort();
        tending.abort();
        delivering.abort();
        feeding.abort();
        checking.abort();
        rewrapping.abort();
        purging.abort();
        served
    });
    // Requests that were still being answered are waited for before the ledger is closed.
    drop(runtime);
    station.close()?;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// A connection that sends no whole request, or nothing at all, is not kept open.
fn limit_time(connections: &mut Builder<TokioExecutor>) {
    connections
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEADER);
    connections
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Some(LONGEST_HEADER))
        .keep_alive_timeout(LONGEST_HEADER)
        .max_concurrent_streams(64);
}

/// Ends what `handle` serves when the process is told to stop.
pub(crate) fn stop_when_told(
    handle: &Handle<SocketAddr>,
    first: impl FnOnce() + Send + 'static,
) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let handle = handle.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let _ = tokio::task::spawn_blocking(first).await;
        handle.graceful_shutdown(Some(Duration::from_secs(10)));
    });
    Ok(())
}

/// Ends the streams of alerts that are over, and has alerts that nobody takes go to more people.
async fn tend_alerts(station: Arc<Station>) {
    let mut every = tokio::time::interval(Duration::from_secs(2));
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let tended = tokio::task::spawn_blocking(move || {
            station.end_lapsed_streams()?;
            station.escalate_alerts()
        })
        .await;
        if let Ok(Err(error)) = tended {
            complain(&format!("alerts: {error}"));
        }
    }
}

/// Wraps the keys of pictures anew where their camera's class changed, some each second.
async fn rewrap_pictures(station: Arc<Station>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let rewrapped = tokio::task::spawn_blocking(move || station.rewrap_pictures()).await;
        if let Ok(Err(error)) = rewrapped {
            complain(&format!(
                "the keys of pictures: {error}; tried again in an hour"
            ));
            tokio::time::sleep(Duration::from_hours(1)).await;
        }
    }
}

/// Purges what is past its time, a step at a time; between two steps, whoever waits has their turn.
async fn purge(station: Arc<Station>) {
    const BETWEEN_STEPS: Duration = Duration::from_millis(20);
    let mut told = None;
    loop {
        let tended = Arc::clone(&station);
        let goes_on = tokio::task::spawn_blocking(move || tended.tend_purge()).await;
        let pause = match goes_on {
            Ok(Ok(true)) => BETWEEN_STEPS,
            Ok(Ok(false)) | Err(_) => Duration::from_secs(1),
            Ok(Err(error)) => {
                let trouble = error.to_string();
                if told.as_ref() != Some(&trouble) {
                    complain(&format!("the purge: {trouble}; tried again in a minute"));
                }
                told = Some(trouble);
                Duration::from_secs(1)
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Checks ledger and content in the small hours, where the agency is.
async fn check_every_night(station: Arc<Station>) {
    loop {
        tokio::time::sleep(until_night(&station)).await;
        let checked = Arc::clone(&station);
        let found = tokio::task::spawn_blocking(move || {
            let found = checked.check_records()?;
            checked.draw_sample()?;
            checked.tend_audits()?;
            checked.tend_reports()?;
            Ok::<_, station::StationError>(found)
        })
        .await;
        match found {
            Ok(Ok(None)) | Err(_) => {}
            Ok(Ok(Some(finding))) => complain(&format!("ALARM: {finding}")),
            Ok(Err(error)) => complain(&format!("the nightly check: {error}")),
        }
    }
}

/// Until three in the morning.
fn until_night(station: &Station) -> Duration {
    const NIGHT: i8 = 3;
    let now = station
        .now()
        .to_zoned_datetime(station.about().time_zone.clone());
    let tonight = now.with().hour(NIGHT).minute(0).second(0).build();
    let next = tonight.ok().and_then(|night| {
        let night = if night > now {
            night
        } else {
            night.tomorrow().ok()?
        };
        Duration::try_from(now.duration_until(&night)).ok()
    });
    next.unwrap_or(Duration::from_hours(24))
}

/// Looks after the certificate, and shows a new one from the next connection on.
async fn tend_certificate(station: Arc<Station>, shown: RustlsConfig) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    let mut told = None;
    loop {
        every.tick().await;
        let tended = Arc::clone(&station);
        let next = tokio::task::spawn_blocking(move || {
            let next = tended.tend_certificate();
            (next, tended.certificate().and_then(|shown| shown.warning))
        });
        let Ok((next, warning)) = next.await else {
            return;
        };
        let taken_up = match next {
            Ok(None) => Ok(()),
            Ok(Some(next)) => shown
                .reload_from_pem(next.chain().into(), next.expose_key().into())
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        let trouble = match taken_up {
            Ok(()) => warning,
            Err(error) => Some(format!("the certificate: {error}")),
        };
        // Once, and again when it is another.
        if trouble != told {
            if let Some(trouble) = &trouble {
                complain(&format!("warning: {trouble}"));
            }
            told = trouble;
        }
    }
}

/// A database that is away for a while comes back: what fails is said once, and tried again.
async fn sign_every_second(station: Arc<Station>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    let mut told = None;
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let signed = tokio::task::spawn_blocking(move || station.sign_ledger()).await;
        let trouble = match signed {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => return,
        };
        if trouble != told {
            if let Some(trouble) = &trouble {
                complain(trouble);
            }
            told = trouble;
        }
    }
}
