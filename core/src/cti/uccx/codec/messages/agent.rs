//! States of agents.

use crate::cti::uccx::codec::kinds::{S4, SecretStr, Str, U1, U2, U4};

messages! {
    /// An agent's state changed. `state_duration` counts seconds. The order of its floating fields is partly
    /// inferred, and the tag of ActiveTerminal (version 18) is not published.
    AgentStateEvent: Some(30), "AGENT_STATE_EVENT", ToClient {
        fixed {
            resv_0: U4, "resv_0" = 0; // MonitorID
            resv_4: U4, "resv_4" = 1; // PeripheralID
            resv_8: U4, "resv_8" = 0; // SessionID
            resv_12: U2, "resv_12" = 21; // PeripheralType
            csq_state: U2, "CSQState" = 0;
            state_duration: U4, "StateDuration" = 0;
            csq_id: U4, "CSQID" = 0;
            resv_24: U4, "resv_24" = 0xFFFF_FFFF; // SkillGroupID
            resv_28: U2, "resv_28" = 0; // SkillGroupPriority
            agent_state: U2, "AgentState" = 0;
            event_reason_code: U2, "EventReasonCode" = 0;
            resv_34: S4, "resv_34" = 1; // MRDID
            resv_38: U4, "resv_38" = 0; // NumTasks
            resv_42: U2, "resv_42" = 0; // AgentMode
            resv_44: U4, "resv_44" = 0; // MaxTaskLimit
            resv_48: S4, "resv_48" = 0; // ICMAgentID
            resv_52: U4, "resv_52" = 1; // AgentAvailabilityStatus
            num_csqs: U2, "numCSQs" = 0, counts csqs;
        }
        floating {
            client_signature: One(3, "ClientSignature", Str<64>),
            cti_client_signature: One(23, "CTIClientSignature", Str<64>),
            agent_id: One(194, "AgentID", Str<129>),
            agent_extension: One(4, "AgentExtension", Str<16>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            duration: One(150, "Duration", U4),
            next_agent_state: One(123, "NextAgentState", U2),
            direction: One(244, "Direction", U4),
            csqs: Many(AgentCsq, "numCSQs"),
        }
    }

    /// Asks for an agent's state; at least one of the three floating fields names the agent.
    QueryAgentStateReq: Some(36), "QUERY_AGENT_STATE_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            resv_8: S4, "resv_8" = 1; // MRDID
            resv_12: S4, "resv_12" = 0; // ICMAgentID
        }
        floating {
            agent_extension: One(4, "AgentExtension", Str<16>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            agent_id: One(194, "AgentID", Str<129>),
        }
    }

    /// An agent's state. The tag of InternalAgentState is the parent protocol's.
    QueryAgentStateConf: Some(37), "QUERY_AGENT_STATE_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            agent_state: U2, "AgentState" = 0;
            num_csqs: U2, "numCSQs" = 0, counts csqs;
            resv_8: S4, "resv_8" = 1;
            resv_12: U4, "resv_12" = 0;
            resv_16: U2, "resv_16" = 0;
            resv_18: U4, "resv_18" = 0;
            resv_22: U4, "resv_22" = 0;
            resv_26: U4, "resv_26" = 1;
        }
        floating {
            resv_tag5: One(5, "resv", Str<12>),
            agent_extension: One(4, "AgentExtension", Str<16>),
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            agent_id: One(194, "AgentID", Str<129>),
            csqs: Many(AgentCsq, "numCSQs"),
            internal_agent_state: One(255, "InternalAgentState", U2),
        }
    }

    /// Changes the state of an agent, logs one in or out. `forced_flag` is 0, 1 or 2; `agent_capacity` 1 is outbound.
    SetAgentStateReq: Some(38), "SET_AGENT_STATE_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            resv_4: U4, "resv_4" = 1;
            agent_state: U2, "AgentState" = 0;
            resv_10: U2, "resv_10" = 0; // AgentWorkMode
            resv_12: U2, "resv_12" = 0; // NumSkillGroups
            event_reason_code: U2, "EventReasonCode" = 0;
            forced_flag: U1, "ForcedFlag" = 0;
            agent_capacity: U4, "AgentCapacity" = 0;
        }
        floating {
            agent_instrument: One(6, "AgentInstrument", Str<64>),
            agent_password: One(49, "AgentPassword", SecretStr<64>),
            agent_id: One(194, "AgentID", Str<129>),
            agent_extension: One(4, "AgentExtension", Str<16>),
        }
    }

    /// The state is being changed.
    SetAgentStateConf: Some(39), "SET_AGENT_STATE_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
        }
        floating {}
    }
}

records! {
    /// One queue an agent serves, with the agent's state for it.
    AgentCsq {
        csq_id: One(62, "CSQID", U4),
        resv_tag63: One(63, "resv", U4),
        resv_tag64: One(64, "resv", U2),
        csq_state: One(65, "CSQState", U2),
    }
}
