//! Every way in which this crate writes, renames or removes a file, with a power cut after every step of it
//! and with every sync of it failing: pictures, keys, backups and bags come to the disk in no other (D4).

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Disk, ForgetfulDisk, Whole, remove_all, rename_on, replace_all};

const OLD: &[u8] = b"what was there before";
const NEW: &[u8] = &[b'n'; 100];

fn file() -> PathBuf {
    Path::new("/station").join("file")
}

fn other() -> PathBuf {
    Path::new("/station").join("other")
}

/// What is there after a cut.
fn there(disk: &ForgetfulDisk, path: &Path) -> Option<Vec<u8>> {
    disk.read_from(path, 0).ok()
}

/// A disk with the old file on it.
fn disk() -> ForgetfulDisk {
    let disk = ForgetfulDisk::with_power_for(Path::new("/station"), 1_000);
    replace_all(&disk, &[(file(), OLD)]).unwrap();
    disk
}

/// What may be there after the power went, or a sync failed, in the midst of `act`; and what must, once it
/// was acknowledged.
fn cut_everywhere(
    act: impl Fn(&ForgetfulDisk) -> io::Result<()>,
    fits: impl Fn(&ForgetfulDisk, bool) -> bool,
) {
    let check = |disk: &ForgetfulDisk, acknowledged| {
        for seed in 0..40_u64 {
            let mut n = seed;
            let after = disk.after_the_cut(|below| {
                n = n.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                usize::try_from(n >> 33).unwrap() % below
            });
            assert!(fits(&after, acknowledged), "acknowledged: {acknowledged}");
        }
    };
    for steps in 0.. {
        let disk = disk();
        disk.power_for(steps);
        let acknowledged = act(&disk).is_ok();
        check(&disk, acknowledged);
        if acknowledged {
            break;
        }
    }
    for syncs in 0.. {
        let disk = disk();
        disk.fail_sync_after(syncs);
        let acknowledged = act(&disk).is_ok();
        check(&disk, acknowledged);
        if !disk.has_failed() {
            assert!(acknowledged);
            break;
        }
        assert!(!acknowledged, "sync {syncs} failed, and nobody was told");
    }
}

/// The old file or the new one, whole.
fn is_whole(disk: &ForgetfulDisk, acknowledged: bool) -> bool {
    match there(disk, &file()).as_deref() {
        Some(NEW) => true,
        Some(OLD) => !acknowledged,
        _ => false,
    }
}

#[test]
fn a_file_that_is_replaced_is_the_old_one_or_the_new_one() {
    let act = |disk: &ForgetfulDisk| replace_all(disk, &[(file(), NEW)]);
    cut_everywhere(act, is_whole);
}

#[test]
fn a_file_that_is_written_piece_by_piece_is_the_old_one_or_the_new_one() {
    let act = |disk: &ForgetfulDisk| {
        let mut whole = Whole::create_on(Arc::new(disk.clone()), &file())?;
        NEW.chunks(30)
            .try_for_each(|piece| whole.write_all(piece))?;
        whole.finish()
    };
    cut_everywhere(act, is_whole);
}

#[test]
fn a_file_that_is_renamed_is_never_gone() {
    let act = |disk: &ForgetfulDisk| rename_on(disk, &file(), &other());
    cut_everywhere(act, |disk, acknowledged| {
        let (old, new) = (there(disk, &file()), there(disk, &other()));
        match (old.as_deref(), new.as_deref()) {
            (None, Some(OLD)) => true,
            (Some(OLD), None) => !acknowledged,
            _ => false,
        }
    });
}

#[test]
fn a_file_that_is_removed_is_gone_once_that_is_acknowledged() {
    let act = |disk: &ForgetfulDisk| remove_all(disk, &[file()]);
    cut_everywhere(act, |disk, acknowledged| match there(disk, &file()) {
        Some(old) => old == OLD && !acknowledged,
        None => true,
    });
}
