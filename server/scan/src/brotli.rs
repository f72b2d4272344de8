//! brotli as files hold it. The decoder of the library keeps what it has read beyond the end; here it is handed back,
//! because something may stand there.

use std::io::{self, Cursor, Read};

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};

const BUFFER: usize = 64 * 1024;

/// A stream, unpacked.
pub(crate) struct Brotli<R> {
    source: R,
    state: BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>,
    /// `buffer[at..]` was read and not unpacked.
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Brotli<R> {
    pub(crate) fn new(source: R) -> Self {
        let alloc = StandardAlloc::default;
        Self {
            source,
            state: BrotliState::new(alloc(), alloc(), alloc()),
            buffer: Vec::new(),
            at: 0,
            ended: false,
        }
    }

    /// What stands behind the end.
    pub(crate) fn rest(self) -> impl Read {
        let mut read = Cursor::new(self.buffer);
        read.set_position(self.at as u64);
        read.chain(self.source)
    }

    /// Reads on; `false` where there is no more.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.resize(BUFFER, 0);
        self.at = 0;
        let read = self.source.read(&mut self.buffer);
        self.buffer.truncate(read.as_ref().copied().unwrap_or(0));
        Ok(read? > 0)
    }
}

impl<R: Read> Read for Brotli<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let (mut written, mut total) = (0, 0);
        while written == 0 && !self.ended && !to.is_empty() {
            let (mut left, mut room) = (self.buffer.len() - self.at, to.len());
            let result = BrotliDecompressStream(
                &mut left,
                &mut self.at,
                &self.buffer,
                &mut room,
                &mut written,
                to,
                &mut total,
                &mut self.state,
            );
            match result {
                BrotliResult::ResultSuccess => self.ended = true,
                // What was unpacked is handed over first.
                _ if written > 0 => break,
                BrotliResult::NeedsMoreOutput => {}
                BrotliResult::NeedsMoreInput => {
                    if !self.fill()? {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                BrotliResult::ResultFailure => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no brotli"));
                }
            }
        }
        Ok(written)
    }
}
