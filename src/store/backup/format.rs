//! A backup's file: lines of JSON, compressed with gzip, so that `zcat` shows them. The first says
//! what the file is, the last how many rows there were and a checksum of all lines before it; each
//! between them is a row: its table, its key in hexadecimal, what the key means, and its value.
//!
//! Every program reads the files of all programs before it: the format has a version of its own,
//! and the rows are those of the schema that the first line names.

use super::{super::describe, BackupError, Sum, of_file};
use crate::files;
use flate2::{Compression, bufread::GzDecoder, write::GzEncoder};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::File,
    hash::Hasher,
    io::{BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

/// The version of the lines.
const FORMAT: u32 = 1;

/// Bytes of a line; a longer one is none of ours.
const LINE_MAX: u64 = 1 << 28;

#[derive(Serialize, Deserialize)]
struct Head {
    whetstone_backup: u32,
    schema: u32,
    made_at: Timestamp,
    made_by: String,
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    table: &'a str,
    key: &'a str,
    /// For people; nothing reads it.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// The value's first byte, where the rest is JSON as we write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<u8>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    /// The whole value in hexadecimal, where it is anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct End {
    rows: BTreeMap<String, u64>,
    checksum: String,
}

/// A row of a backup.
pub(in crate::store) struct Row {
    pub(in crate::store) table: String,
    pub(in crate::store) key: Vec<u8>,
    pub(in crate::store) value: Vec<u8>,
}

/// Writes a backup.
pub(super) struct Writer {
    path: PathBuf,
    out: GzEncoder<BufWriter<File>>,
    hasher: SipHasher13,
    sums: BTreeMap<String, Sum>,
}

impl Writer {
    pub(super) fn create(path: &Path, schema: u8, now: Timestamp) -> Result<Self, BackupError> {
        let file = files::create(path).map_err(of_file(path))?;
        let mut writer = Self {
            path: path.to_owned(),
            out: GzEncoder::new(BufWriter::new(file), Compression::default()),
            hasher: SipHasher13::new(),
            sums: BTreeMap::new(),
        };
        writer.line(&Head {
            whetstone_backup: FORMAT,
            schema: schema.into(),
            made_at: now,
            made_by: format!("whetstone {}", env!("CARGO_PKG_VERSION")),
        })?;
        Ok(writer)
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), BackupError> {
        let written =
            serde_json::to_vec(line).map_err(std::io::Error::from).and_then(|mut line| {
                line.push(b'\n');
                self.hasher.write(&line);
                self.out.write_all(&line)
            });
        written.map_err(of_file(&self.path))
    }

    pub(super) fn row(&mut self, table: &str, key: &[u8], value: &[u8]) -> Result<(), BackupError> {
        self.sums.entry(table.to_owned()).or_default().add(table, key, value);
        let json = as_json(value);
        self.line(&Line {
            table,
            key: &hex(key),
            about: describe::row(table, key),
            form: json.and(value.first().copied()),
            value: json,
            bytes: json.is_none().then(|| hex(value)),
        })
    }

    /// What the rows of a table add up to that were written so far.
    pub(super) fn sum(&self, table: &str) -> Sum {
        self.sums.get(table).copied().unwrap_or_default()
    }

    /// Ends the file and makes it durable.
    pub(super) fn finish(mut self) -> Result<BTreeMap<String, Sum>, BackupError> {
        let rows = self.sums.iter().map(|(table, sum)| (table.clone(), sum.rows)).collect();
        let checksum = format!("{:032x}", self.hasher.finish128().as_u128());
        self.line(&End { rows, checksum })?;
        let Self { path, out, sums, .. } = self;
        let file = out.finish().and_then(|out| Ok(out.into_inner()?));
        file.and_then(|file| file.sync_all()).map_err(of_file(&path))?;
        Ok(sums)
    }
}

/// The JSON of a value, where it is written so that it can be read back byte for byte.
fn as_json(value: &[u8]) -> Option<&RawValue> {
    let text = std::str::from_utf8(value.get(1..)?).ok()?;
    let json: &RawValue = serde_json::from_str(text).ok()?;
    (json.get() == text && !text.contains(['\n', '\r'])).then_some(json)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn of_hex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}

/// Reads a backup, line by line. Only once it has come to the end is the file known to be good.
pub(in crate::store) struct Reader {
    path: PathBuf,
    lines: BufReader<GzDecoder<BufReader<File>>>,
    hasher: SipHasher13,
    number: u64,
    rows: BTreeMap<String, u64>,
    ended: bool,
    /// The schema of the store that was backed up.
    pub(in crate::store) schema: u8,
    /// When it was made.
    pub(in crate::store) made_at: Timestamp,
}

impl Reader {
    /// Opens a backup of a schema that is no newer than `known`.
    pub(in crate::store) fn open(path: &Path, known: u32) -> Result<Self, BackupError> {
        let file = files::open(path).map_err(of_file(path))?;
        let mut reader = Self {
            path: path.to_owned(),
            lines: BufReader::new(GzDecoder::new(BufReader::new(file))),
            hasher: SipHasher13::new(),
            number: 0,
            rows: BTreeMap::new(),
            ended: false,
            schema: 0,
            made_at: Timestamp::UNIX_EPOCH,
        };
        let line = reader.line()?;
        let head: Head = serde_json::from_slice(&line)
            .map_err(|_| reader.damaged("it does not begin as a backup of Whetstone does"))?;
        reader.hasher.write(&line);
        let newer = [("format", head.whetstone_backup, FORMAT), ("schema", head.schema, known)];
        if let Some((what, found, known)) = newer.into_iter().find(|(_, is, known)| is > known) {
            return Err(BackupError::TooNew { path: path.to_owned(), what, found, known });
        }
        let schema = u8::try_from(head.schema).ok().filter(|schema| *schema > 0);
        reader.schema = schema.ok_or_else(|| reader.damaged("it names no schema"))?;
        reader.made_at = head.made_at;
        Ok(reader)
    }

    fn damaged(&self, reason: &str) -> BackupError {
        let reason = match self.number {
            0 | 1 => reason.to_owned(),
            number => format!("line {number}: {reason}"),
        };
        BackupError::Damaged { path: self.path.clone(), reason }
    }

    /// The next line with its end; nothing at the end of the file.
    fn line(&mut self) -> Result<Vec<u8>, BackupError> {
        use std::io::Read;
        let mut line = Vec::new();
        self.number += 1;
        let read = (&mut self.lines).take(LINE_MAX).read_until(b'\n', &mut line);
        match read {
            Ok(_) => Ok(line),
            Err(error) => Err(self.damaged(&format!("it cannot be unpacked: {error}"))),
        }
    }

    /// The next row, or nothing once the file has come to its end and all of it is right.
    pub(in crate::store) fn next_row(&mut self) -> Result<Option<Row>, BackupError> {
        if self.ended {
            return Ok(None);
        }
        let line = self.line()?;
        if line.is_empty() {
            return Err(self.damaged("it ends too early"));
        }
        if let Ok(end) = serde_json::from_slice::<End>(&line) {
            return self.end(&end).map(|()| None);
        }
        self.hasher.write(&line);
        let row = row_of(&line).ok_or_else(|| self.damaged("it is no row"))?;
        *self.rows.entry(row.table.clone()).or_default() += 1;
        Ok(Some(row))
    }

    fn end(&mut self, end: &End) -> Result<(), BackupError> {
        let checksum = format!("{:032x}", self.hasher.finish128().as_u128());
        if end.checksum != checksum || end.rows != self.rows {
            return Err(self.damaged("the lines before it are not those that were written"));
        }
        if !self.line()?.is_empty() {
            return Err(self.damaged("something follows the end"));
        }
        self.ended = true;
        Ok(())
    }
}

fn row_of(line: &[u8]) -> Option<Row> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let value = match (line.form, line.value, line.bytes) {
        (Some(form), Some(json), None) => [&[form], json.get().as_bytes()].concat(),
        // serde takes a null for nothing at all.
        (Some(form), None, None) => [&[form], b"null".as_slice()].concat(),
        (None, None, Some(bytes)) => of_hex(&bytes)?,
        _ => return None,
    };
    Some(Row { table: line.table.to_owned(), key: of_hex(line.key)?, value })
}
