//! `GET /alerts/stream`: alerts as they come, as server-sent events.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_core::Stream;
use jiff::tz::TimeZone;
use station::{AlertLine, Watcher};
use tokio::sync::mpsc;

use crate::House;
use crate::answer::Failure;
use crate::api::Refused;
use crate::member::{Address, Key};
use crate::pages::alerts::line;

/// Events that wait to be sent; whoever is further behind loads the page anew.
const WAITING: usize = 64;

/// The events of one stream.
struct Events(mpsc::Receiver<Event>);

impl Stream for Events {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}

/// The station's end of it.
struct Page {
    to: Option<mpsc::Sender<Event>>,
    zone: TimeZone,
}

impl Watcher for Page {
    fn tell(&mut self, alert: Option<Arc<AlertLine>>) -> bool {
        let Some(to) = &self.to else {
            return false;
        };
        let event = match &alert {
            Some(alert) => Event::default()
                .event("alert")
                .json_data(line(alert, &self.zone)),
            None => Ok(Event::default().event("over").data("")),
        };
        let told = event.is_ok_and(|event| to.try_send(event).is_ok());
        if !told || alert.is_none() {
            self.to = None;
        }
        told
    }

    fn is_gone(&self) -> bool {
        self.to.as_ref().is_none_or(mpsc::Sender::is_closed)
    }
}

/// Being told of alerts is no use of the session: one that is left alone locks all the same.
pub(crate) async fn stream(
    State(house): State<House>,
    Address(address): Address,
    key: Result<Key, Failure>,
) -> Result<Response, Refused> {
    let Key(key) = key?;
    let (to, events) = mpsc::channel(WAITING);
    house
        .ask(move |station| {
            let caller = station.session_left_alone(&key)?.caller(&address);
            let page = Page {
                to: Some(to),
                zone: station.about().time_zone.clone(),
            };
            station.watch_alerts(&caller, Box::new(page))
        })
        .await?;
    Ok(Sse::new(Events(events))
        .keep_alive(KeepAlive::default())
        .into_response())
}
