//! Lists that come by themselves: looked at when they are due, in a folder or over https.

use std::sync::Arc;
use std::time::Duration;

use govern::FeedFrom;
use station::Station;

use crate::{Complaint, complain};

mod address;
mod folder;

use folder::Folders;

const EVERY: Duration = Duration::from_secs(10);
/// The largest file that is taken, as over HTTP.
const LARGEST: u64 = 512 << 20;

/// Looks at what is due, again and again. What went wrong stands on the page Hotlists; here it is only told
/// that something did.
pub(crate) async fn take_lists(station: Arc<Station>) {
    let mut every = tokio::time::interval(EVERY);
    let mut folders = Folders::default();
    let mut failing = false;
    loop {
        every.tick().await;
        let station = Arc::clone(&station);
        let taken = tokio::task::spawn_blocking(move || {
            let taken = take_due(&station, &mut folders);
            (taken, folders)
        });
        let Ok((taken, again)) = taken.await else {
            return;
        };
        folders = again;
        match taken {
            Ok(()) => failing = false,
            Err(complaint) if !failing => {
                complain(&format!("lists that come by themselves: {complaint}"));
                failing = true;
            }
            Err(_) => {}
        }
    }
}

fn take_due(station: &Station, folders: &mut Folders) -> Result<(), Complaint> {
    let due = station.due_feeds()?;
    // One after the other: a long list takes gigabytes while it comes in.
    due.iter().try_for_each(|feed| match &feed.from {
        FeedFrom::Folder(folder) => folders.take(station, feed, folder.as_ref()),
        FeedFrom::Address { address, authority } => {
            let taken = address::ask(feed, address, authority.as_deref());
            station.take(feed, taken)?;
            Ok(())
        }
    })
}

#[cfg(test)]
mod tests;
