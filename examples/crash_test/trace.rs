//! What the bot did to its files, from a recording of its system calls by strace.

use super::{
    disk::{Op, What},
    support::Outcome,
};
use std::{collections::HashMap, ffi::OsString, path::Path, process::Command};

/// The calls that change files, and those that make changes last. sync_file_range is not among
/// them: it promises nothing about a power failure.
const CALLS: &str = "trace=openat,creat,write,pwrite64,writev,pwritev,pwritev2,lseek,ftruncate,\
                     truncate,fallocate,fsync,fdatasync,sync,syncfs,msync,rename,renameat,renameat2,\
                     link,linkat,unlink,unlinkat,mkdir,mkdirat,copy_file_range,sendfile";

/// The same command under strace, which writes to `log`. The strings are hexadecimal and whole.
pub fn recorded(command: &Command, log: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "--seccomp-bpf", "-ttt", "-T", "-y", "-xx", "-s", "16777216", "-e", CALLS]);
    strace.arg("-o").arg(log).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    strace
}

/// Whether strace is there and may trace.
pub fn is_possible() -> bool {
    let log = OsString::from("/dev/null");
    let tried = Command::new("strace").args(["-f", "-o"]).arg(log).arg("true").output();
    tried.is_ok_and(|output| output.status.success())
}

/// Reads a recording. Paths are told relative to `root`; what lies elsewhere is left out.
///
/// # Errors
/// It cannot be read, or holds a call that nobody here understands.
pub fn read(log: &Path, root: &Path) -> Outcome<Vec<Op>> {
    let text = std::fs::read_to_string(log)?;
    let root = root.to_str().ok_or("a folder with an odd name")?;
    let mut reader = Reader { root: format!("{root}/"), places: HashMap::new(), ops: Vec::new() };
    let mut begun: HashMap<&str, (i64, &str)> = HashMap::new();
    for line in text.lines() {
        let Some((thread, time, call)) = parts(line) else { continue };
        if let Some(call) = call.strip_suffix(" <unfinished ...>") {
            begun.insert(thread, (time, call));
        } else if call.starts_with("<... ") {
            let Some((start, head)) = begun.remove(thread) else { continue };
            let tail = call.split_once(" resumed>").map_or("", |(_, tail)| tail);
            reader.call(start, &format!("{head}{tail}"))?;
        } else if !call.starts_with(['+', '-']) {
            reader.call(time, call)?;
        }
    }
    // Of these nobody knows whether the system did them.
    for (start, head) in begun.into_values() {
        reader.call(start, &format!("{head}) = ?"))?;
    }
    reader.ops.sort_by_key(|op| op.start);
    Ok(reader.ops)
}

/// The thread, the time in microseconds, and the call.
fn parts(line: &str) -> Option<(&str, i64, &str)> {
    let (thread, rest) = line.split_once(' ')?;
    let (time, call) = rest.trim_start().split_once(' ')?;
    Some((thread, micros(time)?, call))
}

fn micros(seconds: &str) -> Option<i64> {
    let (whole, part) = seconds.split_once('.')?;
    Some(whole.parse::<i64>().ok()? * 1_000_000 + part.parse::<i64>().ok()?)
}

struct Reader {
    root: String,
    /// Where the next `write` on a file's descriptor goes.
    places: HashMap<u32, u64>,
    ops: Vec<Op>,
}

impl Reader {
    fn call(&mut self, start: i64, call: &str) -> Outcome<()> {
        let (name, rest) = call.split_once('(').ok_or("a line that is no call")?;
        let (args, result) =
            rest.rsplit_once(") = ").or(rest.rsplit_once(" = ")).unwrap_or((rest, "?"));
        let args = args.trim_end().trim_end_matches(')');
        let failed = result.starts_with('-');
        let took = result.rsplit_once('<').and_then(|(_, took)| micros(took.trim_end_matches('>')));
        let end = took.filter(|_| !result.starts_with('?')).map(|took| start + took);
        if failed || !self.concerns(args) {
            return Ok(());
        }
        let call = Call { name, args, result };
        for what in self.whats(&call, end.is_some())? {
            self.ops.push(Op { start, end, what });
        }
        Ok(())
    }

    fn concerns(&self, args: &str) -> bool {
        let own = |path: String| format!("{path}/").starts_with(&self.root);
        fd_path(args).is_some_and(own) || strings(args).any(|text| own(text_of(&text)))
    }

    fn whats(&mut self, call: &Call<'_>, is_done: bool) -> Outcome<Vec<What>> {
        let file = fd_path(call.args).map(|path| self.relative(&path)).unwrap_or_default();
        let named = || strings(call.args).map(|text| self.relative(&text_of(&text)));
        let written = || strings(call.args).flatten().collect::<Vec<u8>>();
        let last = || call.args.rsplit(", ").next().and_then(|number| number.parse::<u64>().ok());
        Ok(match call.name {
            "fsync" | "fdatasync" => vec![What::Sync { file }],
            "pwrite64" => {
                vec![What::Write { file, at: last().ok_or("no place")?, bytes: written() }]
            }
            "lseek" => {
                let place = call.result.split(' ').next().and_then(|place| place.parse().ok());
                self.places.insert(call.fd(), place.unwrap_or(0));
                Vec::new()
            }
            "write" | "writev" => {
                let (fd, bytes) = (call.fd(), written());
                let place = self.places.entry(fd).or_default();
                let at = *place;
                *place += bytes.len() as u64;
                vec![What::Write { file, at, bytes }]
            }
            "ftruncate" => vec![What::Length { file, length: last().ok_or("no length")? }],
            "openat" => self.opened(call, is_done),
            "mkdir" | "mkdirat" => vec![What::Folder],
            "unlink" | "unlinkat" => named().map(|file| What::Remove { file }).collect(),
            "rename" | "renameat" | "renameat2" => {
                let (from, to) = (named().next(), named().nth(1));
                vec![What::Rename { from: from.ok_or("no name")?, to: to.ok_or("no name")? }]
            }
            other => return Err(format!("nobody here understands {other}").into()),
        })
    }

    fn opened(&mut self, call: &Call<'_>, is_done: bool) -> Vec<What> {
        let path = strings(call.args).next().map(|text| self.relative(&text_of(&text)));
        let Some(file) = path else { return Vec::new() };
        if is_done {
            let fd = call.result.split('<').next().and_then(|fd| fd.trim().parse().ok());
            self.places.insert(fd.unwrap_or(0), 0);
        }
        let mut whats = Vec::new();
        if call.args.contains("O_CREAT") {
            whats.push(What::Create { file: file.clone() });
        }
        if call.args.contains("O_TRUNC") {
            whats.push(What::Length { file, length: 0 });
        }
        whats
    }

    fn relative(&self, path: &str) -> String {
        path.strip_prefix(&self.root).unwrap_or_default().to_owned()
    }
}

struct Call<'a> {
    name: &'a str,
    args: &'a str,
    result: &'a str,
}

impl Call<'_> {
    /// The descriptor that comes first.
    fn fd(&self) -> u32 {
        self.args.split('<').next().and_then(|fd| fd.parse().ok()).unwrap_or(0)
    }
}

/// The path of the descriptor that comes first.
fn fd_path(args: &str) -> Option<String> {
    let (fd, rest) = args.split_once('<')?;
    fd.parse::<u32>().ok()?;
    Some(text_of(&bytes_of(rest.split_once('>')?.0)))
}

/// The strings among the arguments.
fn strings(args: &str) -> impl Iterator<Item = Vec<u8>> {
    args.split('"').skip(1).step_by(2).map(bytes_of)
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The bytes of `\x2f\x74`.
fn bytes_of(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    let pairs = hex.as_bytes().chunks_exact(4);
    pairs.map(|escape| digit(escape[2]) << 4 | digit(escape[3])).collect()
}
