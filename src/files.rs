//! Reading files that somebody else has put there: an operator, an editor, whoever may write to a
//! folder of questions. A name may belong to a pipe that nobody writes to, to a device without an
//! end, or to a network mount that does not answer. So only regular files are opened, reading ends
//! at a size, and it is done in threads of their own, which are given up on after a while.

use std::{
    cell::RefCell,
    ffi::OsString,
    fs::{self, File, FileType, Metadata},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{FileTypeExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::oneshot;

/// Why a path is not read, though the system would read it.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("this is {0}, not a file")]
    Kind(&'static str),
    #[error("the file is larger than {} KiB", .0.div_ceil(1024))]
    Size(usize),
    #[error("there are more than {0} names in this folder")]
    Names(usize),
    #[error("nobody waits for this any longer")]
    GivenUp,
}

impl From<Unfit> for io::Error {
    fn from(unfit: Unfit) -> Self {
        let kind = match unfit {
            Unfit::Kind(_) => ErrorKind::InvalidInput,
            Unfit::Size(_) | Unfit::Names(_) => ErrorKind::FileTooLarge,
            Unfit::GivenUp => ErrorKind::TimedOut,
        };
        Self::new(kind, unfit)
    }
}

/// Opens a file for reading. Never waits for whoever might write to a pipe.
///
/// # Errors
/// What the system says, or that this is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    begin(path)?;
    // First a look, since merely opening a device may do something.
    regular(&fs::metadata(path)?)?;
    // Then another one, at what was opened: the name may belong to something else by now.
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads a file.
///
/// # Errors
/// As for [`open`], and where it holds more than `max` bytes, of which no more are read.
pub fn read(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max { Err(Unfit::Size(max).into()) } else { Ok(bytes) }
}

/// The names in a folder, in no order.
///
/// # Errors
/// What the system says, or that there are more than `max`.
pub fn names(folder: &Path, max: usize) -> io::Result<Vec<OsString>> {
    begin(folder)?;
    let entries = fs::read_dir(folder)?.take(max + 1);
    let names: Vec<_> = entries.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>()?;
    if names.len() > max { Err(Unfit::Names(max).into()) } else { Ok(names) }
}

/// Whether there is a folder at this path, or at what a link there leads to.
pub fn is_folder(path: &Path) -> bool {
    begin(path).is_ok() && path.is_dir()
}

/// Creates a file for writing. What has its name is removed and never written to, for it may be a
/// pipe, or a link to something else. Its owner alone may read it.
///
/// # Errors
/// What the system says.
pub fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Puts a file in another's place in one step, so that a crash leaves the one or the other.
///
/// # Errors
/// What the system says.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    create(Path::new(&fresh))?.write_all(bytes)?;
    fs::rename(fresh, path)
}

/// Whether this is a regular file.
///
/// # Errors
/// What it is otherwise.
pub fn regular(found: &Metadata) -> io::Result<()> {
    if found.is_file() { Ok(()) } else { Err(Unfit::Kind(kind(found.file_type())).into()) }
}

fn kind(found: FileType) -> &'static str {
    if found.is_dir() {
        "a folder"
    } else if found.is_fifo() {
        "a named pipe"
    } else if found.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

/// Why what a thread was to do did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// It takes too long.
    #[error("{} has not answered for {}", .path.display(), seconds(*.within))]
    Late {
        /// What was being read.
        path: PathBuf,
        /// How long all of it may take.
        within: Duration,
    },
    /// There is no thread to do it.
    #[error("no thread could be started for it")]
    NoThread(#[source] io::Error),
    /// It ended in a panic, which was logged.
    #[error("it ended in a panic")]
    Panic,
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs_f32())
}

/// What a thread is reading for somebody else.
#[derive(Default)]
struct Errand {
    /// The path that was turned to last.
    at: Mutex<PathBuf>,
    given_up: AtomicBool,
}

thread_local! {
    /// The errand of this thread, if it is on one.
    static ERRAND: RefCell<Option<Arc<Errand>>> = const { RefCell::new(None) };
}

/// Notes what is read next.
fn begin(path: &Path) -> io::Result<()> {
    ERRAND.with_borrow(|errand| {
        let Some(errand) = errand else { return Ok(()) };
        path.clone_into(&mut errand.at.lock().unwrap_or_else(PoisonError::into_inner));
        match errand.given_up.load(Ordering::Relaxed) {
            true => Err(Unfit::GivenUp.into()),
            false => Ok(()),
        }
    })
}

/// Does something with files in a thread of its own. A thread that waits for a mount cannot be
/// ended; it is left alone after that time, and reads nothing more once it goes on. It is none of
/// the runtime's own, whose end would wait for it.
///
/// # Errors
/// Why it did not come to its end.
pub async fn apart<T: Send + 'static>(
    within: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unanswered> {
    let errand = Arc::new(Errand::default());
    let (sender, receiver) = oneshot::channel();
    let its_own = Arc::clone(&errand);
    let thread = std::thread::Builder::new().name("files".to_owned()).spawn(move || {
        ERRAND.set(Some(its_own));
        // Nobody may be waiting any longer.
        let _ = sender.send(work());
    });
    thread.map_err(Unanswered::NoThread)?;
    match tokio::time::timeout(within, receiver).await {
        Ok(done) => done.map_err(|_| Unanswered::Panic),
        Err(_) => {
            errand.given_up.store(true, Ordering::Relaxed);
            let path = errand.at.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Err(Unanswered::Late { path, within })
        }
    }
}

#[cfg(test)]
pub mod testing {
    //! Files that are none.
    #![allow(clippy::unwrap_used)]

    use std::{path::Path, process::Command};

    /// Makes a pipe that nobody writes to.
    pub fn pipe(path: &Path) {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::{fs::symlink, net::UnixListener};

    const MAX: usize = 4096;

    fn refusal(path: &Path) -> String {
        let error = read(path, MAX).unwrap_err();
        assert_eq!(open(path).is_err(), error.kind() != ErrorKind::FileTooLarge);
        error.to_string()
    }

    #[test]
    fn only_regular_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        testing::pipe(&at("pipe"));
        symlink(at("pipe"), at("link to a pipe")).unwrap();
        symlink(at("one"), at("two")).unwrap();
        symlink(at("two"), at("one")).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for (path, words) in [
            (at("pipe"), "this is a named pipe, not a file"),
            (at("link to a pipe"), "this is a named pipe, not a file"),
            (at("socket"), "this is a socket, not a file"),
            (folder.path().to_owned(), "this is a folder, not a file"),
            ("/dev/zero".into(), "this is a device, not a file"),
            ("/dev/tty".into(), "this is a device, not a file"),
            (at("one"), "Too many levels of symbolic links"),
            (at("none"), "No such file"),
        ] {
            let told = refusal(&path);
            assert!(told.contains(words), "{}: {told}", path.display());
        }
        fs::write(at("file"), "words").unwrap();
        symlink(at("file"), at("link")).unwrap();
        assert_eq!(read(&at("link"), MAX).unwrap(), b"words");
    }

    #[test]
    fn reading_ends_at_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, [b'x'; MAX]).unwrap();
        assert_eq!(read(&path, MAX).unwrap().len(), MAX);
        // Sparse, and larger than any memory; and one whose size the system does not tell.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(refusal(&path), "the file is larger than 4 KiB");
        assert_eq!(refusal(Path::new("/proc/self/smaps")), "the file is larger than 4 KiB");
    }

    #[test]
    fn the_names_of_a_folder_have_an_end() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a", "b", "c"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert_eq!(names(folder.path(), 3).unwrap().len(), 3);
        let error = names(folder.path(), 2).unwrap_err();
        assert_eq!(error.to_string(), "there are more than 2 names in this folder");
        testing::pipe(&folder.path().join("pipe"));
        assert!(names(&folder.path().join("pipe"), 3).is_err());
    }

    #[test]
    fn what_is_written_goes_through_no_pipe_and_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("elsewhere"), "stays").unwrap();
        testing::pipe(&at("a.new"));
        symlink(at("elsewhere"), at("b.new")).unwrap();
        for name in ["a", "b", "b"] {
            replace(&at(name), b"new").unwrap();
            assert_eq!(fs::read(at(name)).unwrap(), b"new");
        }
        assert_eq!(fs::read(at("elsewhere")).unwrap(), b"stays");
    }

    #[tokio::test]
    async fn a_reader_that_hangs_is_named_and_given_up_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "words").unwrap();
        let all = Duration::from_secs(60);
        let file = path.clone();
        assert_eq!(apart(all, move || read(&file, MAX)).await.unwrap().unwrap(), b"words");

        let (go_on, held) = std::sync::mpsc::channel::<()>();
        let (tell, told) = std::sync::mpsc::channel();
        let file = path.clone();
        let work = move || {
            read(&file, MAX).unwrap();
            held.recv().unwrap();
            tell.send(read(&file, MAX).map_err(|error| error.kind())).unwrap();
        };
        let error = apart(Duration::from_millis(50), work).await.unwrap_err();
        assert_eq!(error.to_string(), format!("{} has not answered for 0.05 s", path.display()));
        go_on.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), Err(ErrorKind::TimedOut));
        let panic = apart(all, move || assert!(path.is_dir(), "it is no folder")).await;
        assert!(matches!(panic, Err(Unanswered::Panic)));
    }
}
