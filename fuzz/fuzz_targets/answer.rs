//! Weibo's JSON: whatever comes is read as JSON has it, or not at all.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| weipu_fuzz::reader::read(body));
