//! Which row of a spreadsheet a record is. The CSV reader passes over empty lines and counts those inside of
//! cells; whoever looks for row 7 in Excel does neither.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes a table on and remembers where its rows end.
pub struct Counting<R> {
    inner: R,
    delimiter: u8,
    state: At,
    offset: u64,
    /// Ends of rows that nobody has asked for yet: no more than fit into a buffer.
    ends: VecDeque<u64>,
    passed: i32,
}

/// What the last byte was, as the CSV reader sees it: a quote opens at the beginning of a cell only.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    CellBegins,
    Plain,
    Quoted,
    /// A quote inside of quotes: the end of the cell, or half of a quote that is meant.
    Quote,
    /// A carriage return, with which the row has ended already.
    Return,
}

impl<R> Counting<R> {
    pub fn new(inner: R, delimiter: u8) -> Counting<R> {
        Counting { inner, delimiter, state: At::CellBegins, offset: 0, ends: VecDeque::new(), passed: 0 }
    }

    /// The row of the record before this offset, counted from 1. Offsets come in their order.
    pub fn row_before(&mut self, offset: u64) -> i32 {
        let mut last = None;
        while let Some(end) = self.ends.pop_front_if(|end| *end < offset) {
            self.passed += 1;
            last = Some(end);
        }
        // The last row of a file need not end.
        if last.is_some_and(|end| end + 1 == offset) { self.passed } else { self.passed + 1 }
    }

    fn see(&mut self, byte: u8) {
        let ends = matches!(byte, b'\r' | b'\n') && self.state != At::Quoted;
        if ends && !(byte == b'\n' && self.state == At::Return) {
            self.ends.push_back(self.offset);
        }
        self.state = match (self.state, byte) {
            (At::Quoted, b'"') => At::Quote,
            (At::CellBegins | At::Return | At::Quote, b'"') | (At::Quoted, _) => At::Quoted,
            (_, b'\r') => At::Return,
            (_, b'\n') => At::CellBegins,
            (_, byte) if byte == self.delimiter => At::CellBegins,
            _ => At::Plain,
        };
        self.offset += 1;
    }
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let size = self.inner.read(out)?;
        out[..size].iter().for_each(|byte| self.see(*byte));
        Ok(size)
    }
}
