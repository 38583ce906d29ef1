//! Applications, queues, agents, devices and terminals.

use crate::cti::uccx::codec::kinds::{B2, Bytes, S4, Str, U2, U4};

messages! {
    /// Asks for the keys of the configuration.
    ConfigRequestKeyEvent: Some(230), "CONFIG_REQUEST_KEY_EVENT", ToServer {
        fixed {
            resv_0: U4, "resv_0" = 0;
        }
        floating {
            resv_tag131: One(131, "resv", U4),
        }
    }

    /// Keys of the configuration: `status` 0 fine, 1 service-provider error, 2 keys not supported.
    ConfigKeyEvent: Some(231), "CONFIG_KEY_EVENT", ToClient {
        fixed {
            status: U4, "Status" = 0;
        }
        floating {
            application_config_key: One(177, "ApplicationConfigKey", Bytes<8>),
            csq_config_key: One(178, "CSQConfigKey", Bytes<8>),
            agent_config_key: One(179, "AgentConfigKey", Bytes<8>),
            device_config_key: One(180, "DeviceConfigKey", Bytes<8>),
        }
    }

    /// Asks for configuration; mask 0 for updates only. For the mask see
    /// [`configuration_mask`](crate::cti::uccx::codec::names::configuration_mask).
    ConfigRequestEvent: Some(232), "CONFIG_REQUEST_EVENT", ToServer {
        fixed {
            configuration_mask: U4, "ConfigurationMask" = 0;
            resv_4: U4, "resv_4" = 0;
        }
        floating {
            application_config_key: One(177, "ApplicationConfigKey", Bytes<8>),
            csq_config_key: One(178, "CSQConfigKey", Bytes<8>),
            agent_config_key: One(179, "AgentConfigKey", Bytes<8>),
            device_config_key: One(180, "DeviceConfigKey", Bytes<8>),
        }
    }

    /// Begin of configuration: `config_type` 1 initial, 2 update. For the mask see
    /// [`configuration_mask`](crate::cti::uccx::codec::names::configuration_mask).
    ConfigBeginEvent: Some(233), "CONFIG_BEGIN_EVENT", ToClient {
        fixed {
            config_type: U2, "ConfigType" = 0;
            configuration_mask: U4, "ConfigurationMask" = 0;
        }
        floating {
            application_config_key: One(177, "ApplicationConfigKey", Bytes<8>),
            csq_config_key: One(178, "CSQConfigKey", Bytes<8>),
            agent_config_key: One(179, "AgentConfigKey", Bytes<8>),
            device_config_key: One(180, "DeviceConfigKey", Bytes<8>),
        }
    }

    /// End of configuration: `status` 0 fine, 1 service not requested, 2 unknown data, 3 error, 4 empty, 5 partial.
    ConfigEndEvent: Some(234), "CONFIG_END_EVENT", ToClient {
        fixed {
            status: U4, "Status" = 0;
        }
        floating {
            text: One(7, "Text", Str<255>),
        }
    }

    /// Applications. The layout of its records is not published: they are all in `extra`.
    ConfigApplicationEvent: Some(235), "CONFIG_APPLICATION_EVENT", ToClient {
        fixed {
            num_records: U2, "NumRecords" = 0;
        }
        floating {}
    }

    /// Contact service queues.
    ConfigCsqEvent: Some(236), "CONFIG_CSQ_EVENT", ToClient {
        fixed {
            num_records: U2, "NumRecords" = 0, counts records;
        }
        floating {
            records: Many(CsqRecord, "NumRecords"),
        }
    }

    /// Agents and supervisors.
    ConfigAgentEvent: Some(237), "CONFIG_AGENT_EVENT", ToClient {
        fixed {
            num_records: U2, "NumRecords" = 0, counts records;
        }
        floating {
            records: Many(AgentRecord, "NumRecords"),
        }
    }

    /// Devices.
    ConfigDeviceEvent: Some(238), "CONFIG_DEVICE_EVENT", ToClient {
        fixed {
            num_records: U2, "NumRecords" = 0, counts records;
        }
        floating {
            records: Many(DeviceRecord, "NumRecords"),
        }
    }

    /// Terminals (version 18). Its type number is not published, so only `decode_body` and `encode_as` reach it.
    ConfigTerminalEvent: None, "CONFIG_TERMINAL_EVENT", ToClient {
        fixed {
            num_records: U2, "NumRecords" = 0, counts records;
        }
        floating {
            records: Many(TerminalRecord, "NumRecords"),
        }
    }
}

records! {
    /// One contact service queue. `mr_domain` 0 is voice, 1 is email.
    CsqRecord {
        record_type: One(183, "RecordType", U2),
        csq_id: One(184, "CSQID", U4),
        resv_tag213: One(213, "resv", U4),
        resv_tag64: One(64, "resv", U2),
        resv_tag192: One(192, "resv", U4),
        auto_work: One(185, "AutoWork", B2),
        resv_tag173: One(173, "resv", Str<16>),
        csq_name: One(133, "CSQName", Str<64>),
        description: One(134, "Description", Str<128>),
        mr_domain: One(216, "MRDomain", U4),
        resv_tag176: One(176, "resv", Str<255>),
    }

    /// One queue an agent is assigned to.
    AgentSkill {
        csq_id: One(62, "CSQID", U4),
        resv_tag64: One(64, "resv", U2),
    }

    /// One agent or supervisor; `login_id` is the key. `record_type` 0 added, 1 changed, 2 deleted; `agent_type` 1 agent,
    /// 2 supervisor. The tag of ActiveTerminal (version 18) is not published.
    AgentRecord {
        record_type: One(183, "RecordType", U2),
        resv_tag208: One(208, "resv", U4),
        agent_type: One(189, "AgentType", U2),
        login_id: One(190, "LoginID", Str<129>),
        resv_tag214: One(214, "resv", Str<64>),
        resv_tag207: One(207, "resv", Str<32>),
        last_name: One(138, "LastName", Str<32>),
        first_name: One(137, "FirstName", Str<32>),
        extension: One(173, "Extension", Str<16>),
        description: One(134, "Description", Str<128>),
        resv_tag141: One(141, "resv", U4),
        num_csq: Count(191, "NumCSQ", U2, csqs),
        csqs: Many(AgentSkill, "NumCSQ"),
        agent_state: One(247, "AgentState", U2),
        mrd_id: One(246, "MRD_ID", S4),
    }

    /// One device. `device_type` 3 is an agent (whose login id is `device_field2`), 5 a route point (whose call-control group
    /// is `device_field1`).
    DeviceRecord {
        record_type: One(183, "RecordType", U2),
        resv_tag208: One(208, "resv", U4),
        device_field0: One(184, "DeviceField0", U4),
        device_type: One(195, "DeviceType", U2),
        max_queued: One(129, "MaxQueued", U4),
        device_field1: One(193, "DeviceField1", U4),
        device_field2: One(11, "DeviceField2", Str<129>),
        resv_tag10: One(10, "resv", Str<32>),
        device_field4: One(173, "DeviceField4", Str<16>),
        description: One(134, "Description", Str<128>),
    }

    /// One instrument of a terminal.
    TerminalInstrument {
        instrument: One(6, "Instrument", Str<64>),
    }

    /// One terminal. `record_type` 0 added, 2 deleted.
    TerminalRecord {
        record_type: One(183, "RecordType", U2),
        terminal_type: One(302, "TerminalType", U2),
        terminal_device_name: One(303, "TerminalDeviceName", Str<64>),
        terminal_type_name: One(304, "TerminalTypeName", Str<100>),
        num_instruments: Count(305, "NumInstruments", U2, instruments),
        instruments: Many(TerminalInstrument, "NumInstruments"),
    }
}
