//! What is written is read again, both ways.

use proptest::prelude::*;

use super::values;
use crate::cti::RequestNo;
use crate::cti::jsonl::{CommandLine, PlatformLine};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn an_event_is_its_line(event in values::event()) {
        let line = PlatformLine::from(&event);
        let bytes = line.to_bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        prop_assert_eq!(text.find('\n'), Some(text.len() - 1));
        let read = PlatformLine::read(text.trim_end()).map_err(|error| TestCaseError::fail(format!("{text}: {error:?}")))?;
        prop_assert_eq!(&read, &line);
        prop_assert_eq!(read.into_event(), Ok(Some(event)));
    }

    #[test]
    fn a_command_is_its_line(request in any::<u64>(), command in values::command(), secret in any::<String>()) {
        let line = CommandLine::new(RequestNo(request), &command, Some(&secret));
        let bytes = line.to_bytes();
        let text = std::str::from_utf8(&bytes).unwrap();
        prop_assert_eq!(text.find('\n'), Some(text.len() - 1));
        let read: CommandLine<'_> = serde_json::from_str(text).unwrap();
        let (number, again, password) = read.into_command();
        prop_assert_eq!((number, &again), (RequestNo(request), &command));
        let bears = matches!(command, crate::cti::Command::Verify { .. } | crate::cti::Command::Login { .. });
        prop_assert_eq!(password.as_ref().map(crate::cti::jsonl::Password::expose), bears.then_some(&*secret));
    }
}
