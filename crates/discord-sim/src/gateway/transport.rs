//! How payloads are packed: plain text, one zlib stream for the connection, or zlib for single
//! large payloads.

use axum::extract::ws::Message;
use flate2::{Compress, Compression, FlushCompress};

/// Payloads above this size (bytes) are compressed if IDENTIFY asked for payload compression.
const LARGE: usize = 8 * 1024;

/// The packing of one connection.
pub(crate) enum Transport {
    /// Text frames.
    Plain,
    /// Text frames, and zlib in binary frames where a payload is large.
    LargeCompressed,
    /// One zlib stream over all frames, each ending in a sync flush.
    Stream(Box<Compress>),
}

impl Transport {
    pub(crate) fn stream() -> Self {
        Self::Stream(Box::new(Compress::new(Compression::fast(), true)))
    }

    pub(crate) fn pack(&mut self, payload: String) -> Message {
        match self {
            Self::LargeCompressed if payload.len() > LARGE => {
                let mut zlib = Compress::new(Compression::fast(), true);
                Message::binary(deflate(&mut zlib, payload.as_bytes(), FlushCompress::Finish))
            }
            Self::Plain | Self::LargeCompressed => Message::text(payload),
            Self::Stream(zlib) => {
                Message::binary(deflate(zlib, payload.as_bytes(), FlushCompress::Sync))
            }
        }
    }
}

/// Compresses all of `input`. The output is complete once room is left over after a flush.
fn deflate(zlib: &mut Compress, input: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut output = Vec::with_capacity(input.len() / 2 + 64);
    let before = zlib.total_in();
    loop {
        let used = usize::try_from(zlib.total_in() - before).unwrap_or(input.len());
        if zlib.compress_vec(&input[used..], &mut output, flush).is_err() {
            return output;
        }
        if output.len() < output.capacity() {
            return output;
        }
        output.reserve(output.len());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use flate2::{Decompress, FlushDecompress};

    use super::*;

    #[test]
    fn each_packed_payload_of_a_stream_can_be_read_at_once() {
        let mut transport = Transport::stream();
        let mut reader = Decompress::new(true);
        let noisy: String = (0..90_000u64).map(|n| char::from(b'!' + (n * n % 89) as u8)).collect();
        for payload in ["{}".to_owned(), noisy, "last".to_owned()] {
            let Message::Binary(bytes) = transport.pack(payload.clone()) else { unreachable!() };
            assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]));
            let mut read = Vec::with_capacity(200_000);
            reader.decompress_vec(&bytes, &mut read, FlushDecompress::Sync).unwrap();
            assert_eq!(String::from_utf8(read).unwrap(), payload);
        }
    }
}
