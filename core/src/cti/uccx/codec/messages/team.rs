//! Teams and who belongs to them.

use crate::cti::uccx::codec::kinds::{Opaque8, Str, U2, U4};

messages! {
    /// Asks for teams: `config_param` 1 for all and updates, 2 for updates only.
    TeamConfigReq: Some(242), "TEAM_CONFIG_REQ", ToServer {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            config_param: U2, "ConfigParam" = 0;
            resv_6: Opaque8, "resv_6" = 0;
        }
        floating {}
    }

    /// A team: `operation` 1 added, 2 removed, 3 changed. At most 64 members an event. TeamName stands first.
    TeamConfigEvent: Some(243), "TEAM_CONFIG_EVENT", ToClient {
        fixed {
            team_id: U4, "TeamID" = 0;
            num_records: U2, "NumRecords" = 0, counts members;
            operation: U2, "Operation" = 0;
            resv_8: Opaque8, "resv_8" = 0;
        }
        floating {
            team_name: One(204, "TeamName", Str<50>),
            members: Many(TeamMember, "NumRecords"),
        }
    }

    /// End of the initial teams: `status` 0 fine, 1 internal error.
    TeamConfigConf: Some(244), "TEAM_CONFIG_CONF", ToClient {
        fixed {
            invoke_id: U4, "InvokeID" = 0;
            status: U4, "Status" = 0;
        }
        floating {
            text: One(7, "Text", Str<128>),
        }
    }
}

records! {
    /// One member of a team. `member_type` 1 is a person, 2 a queue (whose id is then `agent_id`); `agent_flags` 0 agent,
    /// 1 primary supervisor, 2 temporary agent, 4 secondary supervisor; `record_type` 0 added, 2 deleted.
    TeamMember {
        agent_id: One(194, "AgentID", Str<129>),
        agent_flags: One(87, "AgentFlags", U2),
        record_type: One(183, "RecordType", U2),
        member_type: One(205, "MemberType", U2),
    }
}
