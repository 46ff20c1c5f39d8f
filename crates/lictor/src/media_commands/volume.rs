//! The encrypted volume that a folder lies on, as the kernel tells it.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use govern::MediumId;

use crate::Complaint;

/// A folder on an encrypted volume, held open. Everything is written through what was opened: where the
/// medium is taken out, or something else comes to be mounted there, nothing comes to lie elsewhere.
pub(crate) struct OnVolume {
    folder: File,
    shown: PathBuf,
    id: MediumId,
}

impl OnVolume {
    /// Opens a folder, and refuses one that does not lie on such a volume.
    pub(crate) fn open(folder: &Path) -> Result<Self, Complaint> {
        let named = |e: &dyn std::fmt::Display| Complaint::of(format!("{}: {e}", folder.display()));
        let opened = File::open(folder).map_err(|e| named(&e))?;
        let device = opened.metadata().map_err(|e| named(&e))?.dev();
        match volume_of(device, Path::new("/sys")) {
            Ok(id) => Ok(Self {
                folder: opened,
                shown: folder.to_owned(),
                id,
            }),
            Err(lies_on) => Err(named(&format!(
                "it lies on {lies_on}, and that is no encrypted volume (LUKS2). In the clear, evidence is written \
                 onto registered media alone: mount one (lictor media register makes one), or seal the bag for whom \
                 it is for (--for age1…)"
            ))),
        }
    }

    /// The volume.
    pub(crate) fn id(&self) -> MediumId {
        self.id
    }

    /// A path that leads through the folder that was opened, whatever is mounted over it since.
    pub(crate) fn inside(&self, name: impl AsRef<Path>) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", self.folder.as_raw_fd())).join(name)
    }

    /// The same path as people know it.
    pub(crate) fn shown(&self, name: impl AsRef<Path>) -> PathBuf {
        self.shown.join(name)
    }
}

/// The volume behind a device number; or what is there, where that is none.
fn volume_of(device: u64, sys: &Path) -> Result<MediumId, String> {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let about = sys.join(format!("dev/block/{major}:{minor}"));
    match fs::read_to_string(about.join("dm/uuid")) {
        Ok(uuid) => of_mapping(&uuid).ok_or_else(|| format!("the mapped device {}", uuid.trim())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(name_of(&about)),
        Err(error) => Err(format!("a device that does not tell what it is ({error})")),
    }
}

/// `CRYPT-LUKS2-d4eaecc589f34e64be817971b1d7c8ef-name`, as cryptsetup names what it opens.
fn of_mapping(uuid: &str) -> Option<MediumId> {
    let mut parts = uuid.trim().strip_prefix("CRYPT-LUKS2-")?.split('-');
    parts.next()?.parse().ok()
}

/// What a device is called.
fn name_of(about: &Path) -> String {
    let event = fs::read_to_string(about.join("uevent")).unwrap_or_default();
    match event.lines().find_map(|line| line.strip_prefix("DEVNAME=")) {
        Some(name) => format!("/dev/{name}"),
        None => "no disk of its own (memory, a network, or several disks at once)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVICE: u64 = (253 << 8) | 2;

    /// What the kernel tells of a device.
    fn sys(file: &str, text: &str) -> tempfile::TempDir {
        let sys = tempfile::tempdir().unwrap();
        let path = sys.path().join("dev/block/253:2").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        sys
    }

    #[test]
    fn a_volume_that_cryptsetup_opened_is_known_by_its_uuid() {
        let mapping = "CRYPT-LUKS2-d4eaecc589f34e64be817971b1d7c8ef-evidence-7\n";
        let found = volume_of(DEVICE, sys("dm/uuid", mapping).path()).unwrap();
        assert_eq!(found.to_string(), "d4eaecc589f34e64be817971b1d7c8ef");
    }

    #[test]
    fn whatever_else_there_is_is_no_volume_and_is_named() {
        for (file, text, says) in [
            ("dm/uuid", "LVM-0pXk\n", "the mapped device LVM-0pXk"),
            (
                "dm/uuid",
                "CRYPT-LUKS1-d4eaecc589f34e64be817971b1d7c8ef-old\n",
                "LUKS1",
            ),
            ("dm/uuid", "CRYPT-PLAIN-evidence\n", "CRYPT-PLAIN"),
            (
                "dm/uuid",
                "CRYPT-LUKS2-short-evidence\n",
                "CRYPT-LUKS2-short",
            ),
            ("uevent", "MAJOR=253\nDEVNAME=sdb1\n", "/dev/sdb1"),
            ("other", "", "no disk of its own"),
        ] {
            let found = volume_of(DEVICE, sys(file, text).path()).unwrap_err();
            assert!(found.contains(says), "{text}: {found}");
        }
    }

    #[test]
    fn a_folder_in_memory_is_refused() {
        let refused = OnVolume::open(Path::new("/dev/shm"))
            .err()
            .unwrap()
            .to_string();
        assert!(
            refused.contains("/dev/shm: it lies on no disk of its own"),
            "{refused}"
        );
        assert!(refused.contains("--for age1"), "{refused}");
    }
}
