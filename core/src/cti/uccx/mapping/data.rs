//! Call data, by key.

use std::collections::BTreeMap;

use super::words;
use crate::cti::CallData;
use crate::cti::uccx::codec::Group;
use crate::cti::uccx::codec::messages::{
    BeginCallEvent, CallDataUpdateEvent, CallDeliveredEvent, CallNamedArray, CallNamedVariable, SetCallDataReq,
};

/// Keys of one call kept at a time: all the platform's own, and as many variables with names as its 2000 bytes hold.
const KEYS_MAX: usize = 64;

const VARIABLES: [&str; 10] = [
    "callVariable1",
    "callVariable2",
    "callVariable3",
    "callVariable4",
    "callVariable5",
    "callVariable6",
    "callVariable7",
    "callVariable8",
    "callVariable9",
    "callVariable10",
];

/// What a message says of a call's data: keys it does not mention are absent. Variables with names go by those.
pub(super) trait CarriesData {
    fn data(&self) -> CallData;
}

macro_rules! carries_data {
    ($($message:ident)*) => {$(
        impl CarriesData for $message<'_> {
            fn data(&self) -> CallData {
                let mut data = CallData::new();
                let mut put = |key: &str, value| {
                    if let Some(value) = value {
                        data.push((key.into(), words(Some(value))));
                    }
                };
                put("ani", self.ani);
                put("dnis", self.dnis);
                put("enteredDigits", self.caller_entered_digits);
                let variables = [
                    self.call_variable1, self.call_variable2, self.call_variable3, self.call_variable4,
                    self.call_variable5, self.call_variable6, self.call_variable7, self.call_variable8,
                    self.call_variable9, self.call_variable10,
                ];
                for (key, value) in VARIABLES.into_iter().zip(variables) {
                    put(key, value);
                }
                put("wrapup", self.call_wrapup_data);
                named(&mut data, self.named_variables, self.named_arrays);
                data
            }
        }
    )*};
}

carries_data! { BeginCallEvent CallDeliveredEvent CallDataUpdateEvent }

fn named(data: &mut CallData, variables: Group<'_, CallNamedVariable<'_>>, arrays: Group<'_, CallNamedArray<'_>>) {
    let variables = variables.iter().filter_map(|record| record.named_variable);
    for variable in variables.take(KEYS_MAX) {
        data.push((words(Some(variable.name)), words(Some(variable.value))));
    }
    for element in arrays.iter().filter_map(|record| record.named_array).take(KEYS_MAX) {
        let key = format!("{}[{}]", words(Some(element.variable.name)), element.index);
        data.push((key.into(), words(Some(element.variable.value))));
    }
}

/// Takes what is new into `known`, and gives it.
pub(super) fn changed(known: &mut BTreeMap<Box<str>, Box<str>>, told: CallData) -> CallData {
    let mut news = CallData::new();
    for (key, value) in told {
        let before = known.get(&key).map_or("", |value| &**value);
        if key.is_empty() || before == &*value || before.is_empty() && known.len() >= KEYS_MAX {
            continue;
        }
        if value.is_empty() {
            known.remove(&key);
        } else {
            known.insert(key.clone(), value.clone());
        }
        news.retain(|(told, _)| *told != key);
        news.push((key, value));
    }
    news
}

/// The request that changes data.
///
/// # Errors
/// The key that cannot be changed.
pub(in crate::cti::uccx) fn data_request(data: &CallData) -> Result<SetCallDataReq<'_>, &str> {
    let mut request = SetCallDataReq::default();
    for (key, value) in data {
        let value = Some((&**value).into());
        let slot = match &**key {
            "ani" => &mut request.ani,
            "dnis" => &mut request.dnis,
            "enteredDigits" => &mut request.caller_entered_digits,
            "callVariable1" => &mut request.call_variable1,
            "callVariable2" => &mut request.call_variable2,
            "callVariable3" => &mut request.call_variable3,
            "callVariable4" => &mut request.call_variable4,
            "callVariable5" => &mut request.call_variable5,
            "callVariable6" => &mut request.call_variable6,
            "callVariable7" => &mut request.call_variable7,
            "callVariable8" => &mut request.call_variable8,
            "callVariable9" => &mut request.call_variable9,
            "callVariable10" => &mut request.call_variable10,
            "wrapup" => &mut request.call_wrapup_data,
            other => return Err(other),
        };
        *slot = value;
    }
    Ok(request)
}
