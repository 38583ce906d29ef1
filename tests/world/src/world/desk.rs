//! What desktops do with a session: mostly what is shown as allowed, at times what is not, or what makes no sense.

use interaction_core::cti::Media;
use serde_json::{Value, json};

use super::World;
use super::asks::{Ask, session};
use crate::centre::AGENTS;
use crate::model::{ACTIONS, Place, Session, SessionState};
use crate::rng::Rng;

impl World {
    /// The session a client has started, if it knows of one.
    fn running(&self, client: usize) -> Option<&Session> {
        let link = self.link_of(client)?;
        let runs = |session: &&Session| {
            session.owner == link
                && session.is_started_in_binding
                && matches!(session.state, SessionState::Initialized(_))
                && self.model.links[&link].resources.contains(&session.resource)
        };
        self.model.sessions.values().find(runs)
    }

    /// Something to do with the session a client has started.
    pub(super) fn at_the_desk(&self, client: usize, rng: &mut Rng) -> Option<Ask> {
        let own = self.running(client)?;
        if rng.once_in(6)
            && let Some(ask) = self.with_groups(own, rng)
        {
            return Some(ask);
        }
        if rng.once_in(4)
            && let Some(ask) = self.over_a_call(own, rng)
        {
            return Some(ask);
        }
        // What no binding was told of has no name yet.
        let is_told = |path: &String| path.split('.').all(|id| !self.names.is_open(id));
        let places: Vec<(String, Place)> =
            own.objects.places(&own.resource).into_iter().filter(|(path, _)| is_told(path)).collect();
        let deep: Vec<(String, Place)> =
            places.iter().filter(|(path, _)| path.split('.').count() > 2).cloned().collect();
        let pool = if deep.is_empty() || rng.once_in(4) { &places } else { &deep };
        if !rng.once_in(3)
            && let Some(ask) = self.with_two_calls(own, &places, rng)
        {
            return Some(ask);
        }
        let (path, place) = rng.of(pool)?.clone();
        let kind = place.kind();
        let wants_allowed = !rng.once_in(4);
        let is_rare = |name: &str| {
            let rare = ["session.logout", "session.addchannel", "session.removechannel"];
            rare.iter().any(|rare| name.starts_with(rare))
        };
        let may = |name: &&str| !wants_allowed || self.model.may(own, place, name);
        let mut names: Vec<&str> =
            ACTIONS.iter().filter(|action| action.kind == kind).map(|action| action.name).filter(may).collect();
        if !rng.once_in(4) {
            names.retain(|name| !is_rare(name));
        }
        let name = *rng.of(&names)?;
        let command = if rng.once_in(2) { name.to_owned() } else { name.replacen('.', ".request.", 1) };
        let data = if rng.once_in(12) { odd_data(rng) } else { self.data_for(own, name, rng) };
        let path = match rng.below(40) {
            0 => rng.of(&places)?.0.clone(),
            1 => format!("{path}.none"),
            2 => format!("{path}."),
            _ => path,
        };
        let command = match rng.below(60) {
            0 => command.replacen('.', ".request.request.", 1),
            1 => format!("{command}s"),
            _ => command,
        };
        Some(at(&own.resource, &command, &path, &data))
    }

    /// Few are supervisors while somebody in a team of theirs has a call: then something is done about it.
    fn over_a_call(&self, own: &Session, rng: &mut Rng) -> Option<Ask> {
        let mut supervised = Vec::new();
        for (call, leg) in self.model.calls.known() {
            let agents = AGENTS.iter().filter(|agent| **agent != own.agent && leg.own(agent).is_some());
            let of_team = agents.filter(|agent| self.model.people.supervises(&own.agent, agent));
            supervised.extend(of_team.map(|agent| (call, *agent)));
        }
        let (call, agent) = rng.of(&supervised)?;
        let verb = rng.pick(["listen", "coach", "barge", "takeover"]);
        let data = json!({"agentId": agent, "callId": call});
        Some(at(&own.resource, &format!("session.request.supervise.{verb}"), &own.resource, &data))
    }

    /// Two calls at once are rare, and soon over: what can be done with them is done while it can.
    fn with_two_calls(&self, own: &Session, places: &[(String, Place)], rng: &mut Rng) -> Option<Ask> {
        let both = ["interaction.alternate", "interaction.consulttransfer", "interaction.consultconference"];
        let interactions = places.iter().filter(|(_, place)| matches!(place, Place::Interaction(..)));
        let allowed = interactions.flat_map(|(path, place)| both.map(|name| (path, *place, name)));
        let allowed: Vec<_> = allowed.filter(|(_, place, name)| self.model.may(own, *place, name)).collect();
        let (path, _, name) = rng.of(&allowed)?;
        Some(at(&own.resource, name, path, &json!({})))
    }

    /// A session begins with a channel for each medium: one must go before a group can have it, and be switched there.
    fn with_groups(&self, own: &Session, rng: &mut Rng) -> Option<Ask> {
        let told = || own.objects.channels.iter().filter(|channel| !self.names.is_open(&channel.id));
        let (resource, channels) = (&*own.resource, told().collect::<Vec<_>>());
        let free: Vec<_> =
            told().filter(|channel| channel.group.is_none() && channel.interactions.is_empty()).collect();
        let grouped: Vec<_> = told().filter(|channel| channel.group.is_some()).collect();
        if let Some(channel) = rng.of(&grouped).filter(|_| !rng.once_in(4)) {
            let id = channel.group.as_deref().unwrap_or_default();
            let verb = rng.pick(["activate", "deactivate", "activateall", "deactivateall", "remove"]);
            if verb == "remove" {
                let data = json!({"channelgroup": {"id": id}});
                return Some(at(resource, "session.request.removechannelgroup", resource, &data));
            }
            let group = format!("{resource}.{id}");
            let data = if verb.ends_with("all") { json!({}) } else { json!({"channel": {"id": channel.id}}) };
            return Some(at(resource, &format!("channelgroup.request.{verb}"), &group, &data));
        }
        let media = [(Media::Voice, "telephony"), (Media::Chat, "chat"), (Media::Email, "email")];
        let is_missing = |media| channels.iter().all(|channel| channel.media != media);
        let endpoint = self.model.endpoint(own);
        let missing = media.iter().filter(|(media, _)| is_missing(*media));
        let missing: Vec<Value> = missing.map(|(_, kind)| json!({"type": kind, "endpoint": endpoint})).collect();
        if let Some(channel) = rng.of(&missing).filter(|_| !rng.once_in(3)) {
            let data = json!({"channelgroup": {"name": "Written", "channels": [channel]}});
            return Some(at(resource, "session.request.addchannelgroup", resource, &data));
        }
        let channel = rng.of(&free)?;
        Some(at(resource, "session.request.removechannel", resource, &json!({"channel": {"id": channel.id}})))
    }

    fn data_for(&self, own: &Session, name: &str, rng: &mut Rng) -> Value {
        let endpoint = self.model.endpoint(own);
        let channel = |rng: &mut Rng| {
            let endpoint = if rng.once_in(5) { "4711" } else { &endpoint };
            json!({"type": rng.pick(["telephony", "chat", "email", "telephony", "fax"]), "endpoint": endpoint})
        };
        let id_of = |ids: Vec<&String>, rng: &mut Rng| {
            let known: Vec<&String> = ids.into_iter().filter(|id| !self.names.is_open(id)).collect();
            let known = rng.of(&known).map_or("none", |id| id.as_str()).to_owned();
            if rng.once_in(8) { "none".to_owned() } else { known }
        };
        let channels = || own.objects.channels.iter().map(|channel| &channel.id).collect();
        let reason = |rng: &mut Rng| {
            [json!({}), json!({"reason": {"code": "22", "name": "Lunch"}}), json!({"reason": {"code": "99"}})]
                [rng.place(3)]
            .clone()
        };
        match name {
            "session.addchannel" => json!({"channel": channel(rng)}),
            "session.removechannel" => json!({"channel": {"id": id_of(channels(), rng)}}),
            "session.addchannelgroup" => {
                let channels: Vec<Value> = (0..rng.below(3)).map(|_| channel(rng)).collect();
                json!({"channelgroup": {"name": "Written", "channels": channels}})
            }
            "session.removechannelgroup" => {
                let groups = own.objects.groups.iter().map(|group| &group.id).collect();
                json!({"channelgroup": {"id": id_of(groups, rng)}})
            }
            "channelgroup.activate" | "channelgroup.deactivate" => {
                json!({"channel": {"id": id_of(channels(), rng)}})
            }
            "channel.ready" | "channel.notready" | "channel.acw" | "session.logout" => reason(rng),
            "channel.dial" if rng.once_in(3) => {
                let extensions =
                    [json!({"callVariable1": "gold", "callVariable2": null}), json!({"ani": "x"}), json!(5)];
                json!({"destination": "2002", "extensions": extensions[rng.place(3)]})
            }
            "channel.dial" | "interaction.consult" | "conversation.transfer" | "conversation.conference" => {
                let destinations = ["2002", "2003", "51002", "+15550001234", " 8000 ", "", "nowhere"];
                json!({"destination": rng.pick(destinations)})
            }
            "conversation.dtmf" => json!({"digits": rng.pick(["1", "42#", "*0A", "12 3", ""])}),
            "interaction.updatedata" => {
                let value = [json!("gold"), json!("blue"), Value::Null][rng.place(3)].clone();
                json!({rng.pick(["callVariable1", "callVariable2", "callVariable1", "ani"]): value})
            }
            "interaction.complete" if rng.once_in(3) => json!({"disposition": "7"}),
            _ if name.starts_with("session.supervise.") => {
                let mut data = json!({"agentId": rng.pick(AGENTS)});
                if rng.once_in(2) {
                    let known: Vec<&String> = self.model.calls.known().map(|(id, _)| id).collect();
                    data["callId"] = rng.of(&known).map_or("call-none", |id| id.as_str()).into();
                }
                data
            }
            _ => json!({}),
        }
    }
}

fn at(resource: &str, command: &str, target: &str, data: &Value) -> Ask {
    let (class, mut message) = session(command, resource, data);
    message["request"]["target"] = target.into();
    (class, message)
}

/// Data that is not what any command wants, or nothing.
fn odd_data(rng: &mut Rng) -> Value {
    let data = [
        json!(5),
        json!([]),
        json!({"reason": 5}),
        json!({"reason": {}}),
        json!({"destination": 5}),
        json!({"destination": "a\u{7}"}),
        json!({"digits": 5}),
        json!({"disposition": ""}),
        json!({"channel": 5}),
        json!({"channel": {}}),
        json!({"channelgroup": {}}),
        json!({"agentId": ""}),
        json!({"callVariable1": 5}),
        json!({"": "x"}),
        json!({}),
        Value::Null,
    ];
    data[rng.place(data.len())].clone()
}
