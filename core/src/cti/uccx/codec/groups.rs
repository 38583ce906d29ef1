//! What messages of the table begin with alike, said once: `@name` in an entry stands for a group of fields.

/// Writes groups out, one after the other, and then the message.
macro_rules! messages {
    ($(
        $(#[$doc:meta])*
        $name:ident: $id:expr, $wire_name:literal, $direction:ident {
            fixed { $($fixed:tt)* }
            floating { $($floating:tt)* }
        }
    )*) => {$(
        expand! { fixed { } [ $($fixed)* ] floating { } [ $($floating)* ] {
            $(#[$doc])* $name: $id, $wire_name, $direction
        } }
    )*};
}

/// The groups of fields that many messages begin with, each said once; everything else is taken as it is. Fixed fields come first, and
/// once none are left, floating ones.
macro_rules! expand {
    // What every event of a call begins with: the parent protocol's words, frozen.
    (fixed { $($done:tt)* } [ @event $($rest:tt)* ] $($more:tt)*) => {
        expand! { fixed { $($done)*
            resv_0: U4, "resv_0" = 0; // MonitorID
            resv_4: U4, "resv_4" = 1; // PeripheralID
            resv_8: U2, "resv_8" = 21; // PeripheralType
        } [ $($rest)* ] $($more)* }
    };
    // Which connection an event is about.
    (fixed { $($done:tt)* } [ @connection $($rest:tt)* ] $($more:tt)*) => {
        expand! { fixed { $($done)*
            connection_device_id_type: U2, "ConnectionDeviceIDType" = 0;
            connection_call_id: U4, "ConnectionCallID" = 0;
        } [ $($rest)* ] $($more)* }
    };
    // How the connection stands afterwards, and why.
    (fixed { $($done:tt)* } [ @outcome $($rest:tt)* ] $($more:tt)*) => {
        expand! { fixed { $($done)*
            local_connection_state: U2, "LocalConnectionState" = 0;
            event_cause: U2, "EventCause" = 0;
        } [ $($rest)* ] $($more)* }
    };
    // A fixed field of the message's own.
    (fixed { $($done:tt)* } [
        $fixed:ident: $kind:ident, $name:literal = $default:literal $(, counts $counted:ident)?; $($rest:tt)*
    ] $($more:tt)*) => {
        expand! { fixed { $($done)*
            $fixed: $kind, $name = $default $(, counts $counted)?;
        } [ $($rest)* ] $($more)* }
    };
    // The device of that connection.
    (fixed $fixed:tt [ ] floating { $($done:tt)* } [ @connection $($rest:tt)* ] $message:tt) => {
        expand! { fixed $fixed [ ] floating { $($done)*
            connection_device_id: One(25, "ConnectionDeviceID", Str<64>),
        } [ $($rest)* ] $message }
    };
    // All data a call carries.
    (fixed $fixed:tt [ ] floating { $($done:tt)* } [ @call_data $($rest:tt)* ] $message:tt) => {
        expand! { fixed $fixed [ ] floating { $($done)*
            ani: One(8, "ANI", Str<40>),
            user_to_user_info: One(9, "UserToUserInfo", Bytes<131>),
            dnis: One(10, "DNIS", Str<32>),
            dialed_number: One(11, "DialedNumber", Str<40>),
            caller_entered_digits: One(12, "CallerEnteredDigits", Str<40>),
        } [ @call_variables $($rest)* ] $message }
    };
    // The part of it that a call can be placed with.
    (fixed $fixed:tt [ ] floating { $($done:tt)* } [ @call_variables $($rest:tt)* ] $message:tt) => {
        expand! { fixed $fixed [ ] floating { $($done)*
            call_variable1: One(13, "CallVariable1", Str<41>),
            call_variable2: One(14, "CallVariable2", Str<41>),
            call_variable3: One(15, "CallVariable3", Str<41>),
            call_variable4: One(16, "CallVariable4", Str<41>),
            call_variable5: One(17, "CallVariable5", Str<41>),
            call_variable6: One(18, "CallVariable6", Str<41>),
            call_variable7: One(19, "CallVariable7", Str<41>),
            call_variable8: One(20, "CallVariable8", Str<41>),
            call_variable9: One(21, "CallVariable9", Str<41>),
            call_variable10: One(22, "CallVariable10", Str<41>),
            call_wrapup_data: One(46, "CallWrapupData", Str<40>),
            named_variables: Many(CallNamedVariable, "NumNamedVariables"),
            named_arrays: Many(CallNamedArray, "NumNamedArrays"),
        } [ $($rest)* ] $message }
    };
    // A floating field of the message's own.
    (fixed $fixed:tt [ ] floating { $($done:tt)* } [ $field:ident: $item:ident $spec:tt, $($rest:tt)* ] $message:tt) => {
        expand! { fixed $fixed [ ] floating { $($done)* $field: $item $spec, } [ $($rest)* ] $message }
    };
    (fixed $fixed:tt [ ] floating $floating:tt [ ] { $($message:tt)* }) => {
        message! { $($message)* { fixed $fixed floating $floating } }
    };
}
