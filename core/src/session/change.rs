//! What a session changes by itself: its channels and groups.

use super::Session;
use super::actions::Facts;
use super::acts::Deed;
use super::channel::{Availability, Channel, Group, Info, State, is_offered};
use super::data::Wanted;
use super::grammar::Life;
use super::news::{self, Why};
use super::objects::Objects;
use super::pending;
use super::step::{self, Around};
use super::tell::Teller;
use super::told::Told;
use crate::cti::Media;
use crate::failure::{Code, Failure};
use crate::limits::CHANNELS_MAX;
use crate::report::roster::AgentView;
use crate::turn::{Asked, Turn};

/// The channels a session begins with: one for each medium the platform has.
pub(super) fn found(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>) {
    let offers = around.cti.platform.as_ref().map(|platform| platform.offers).unwrap_or_default();
    for media in [Media::Voice, Media::Chat, Media::Email] {
        let endpoint = endpoint_of(session, around);
        if is_offered(media, &offers) && !session.objects.has_channel(media, &endpoint) {
            let channel = channel(turn, None, Wanted { media, endpoint });
            session.objects.channels.push(channel);
        }
    }
}

/// The address the agent's contacts come to: the extension the agent is logged in at.
fn endpoint_of(session: &Session, around: Around<'_>) -> Box<str> {
    let agent = around.roster.agent(session.agent.as_str());
    let extension = session.extension.as_deref().or_else(|| agent.and_then(AgentView::extension));
    extension.unwrap_or(session.agent.as_str()).into()
}

fn channel(turn: &mut Turn<'_>, group: Option<Box<str>>, wanted: Wanted) -> Channel {
    Channel {
        id: turn.ids.name("c"),
        group,
        media: wanted.media,
        endpoint: wanted.endpoint,
        state: State::Active,
        info: Info { availability: Availability::NotReady, reason: Box::default(), pending: None },
        since: turn.now,
        interactions: Vec::new(),
        life: Life::Unheard,
        told: Told::default(),
        told_info: None,
    }
}

/// Whether a change of the session's own can be made.
pub(super) fn check(session: &Session, around: Around<'_>, deed: &Deed) -> Result<(), Failure> {
    let objects = &session.objects;
    match deed {
        Deed::Add { channels, .. } => {
            if objects.channels.len() + channels.len() > CHANNELS_MAX || objects.groups.len() >= CHANNELS_MAX {
                return Err(
                    Failure::new(Code::RateLimited).say("The session has as many channels as it may. Remove one.")
                );
            }
            let offers = around.cti.platform.as_ref().map(|platform| platform.offers).unwrap_or_default();
            for (position, wanted) in channels.iter().enumerate() {
                may_be(session, around, wanted, is_offered(wanted.media, &offers))?;
                if objects.has_channel(wanted.media, &wanted.endpoint) || channels[..position].contains(wanted) {
                    return Err(Failure::new(Code::ChannelExists).with("endpoint", wanted.endpoint.as_ref()));
                }
            }
            Ok(())
        }
        Deed::RemoveChannel(id) => {
            let channel = objects.channels.iter().find(|channel| channel.id == *id);
            may_go(channel.ok_or_else(|| unknown(id))?)
        }
        Deed::RemoveGroup(id) => {
            let group = objects.groups.iter().find(|group| group.id == *id).ok_or_else(|| unknown(id))?;
            let own = objects.channels.iter().filter(|channel| channel.group.as_ref() == Some(&group.id));
            own.into_iter().try_for_each(may_go)
        }
        Deed::Switch { group, only: Some(id), on } => {
            let is_it = |channel: &&Channel| channel.id == *id && channel.group.as_ref() == Some(group);
            let channel = objects.channels.iter().find(is_it).ok_or_else(|| unknown(id))?;
            if *on { Ok(()) } else { may_go(channel) }
        }
        Deed::Switch { only: None, .. }
        | Deed::Holds
        | Deed::Ask { .. }
        | Deed::Supervise { .. }
        | Deed::Complete(_) => Ok(()),
    }
}

/// Contacts come to the agent's own address and to no other.
fn may_be(session: &Session, around: Around<'_>, wanted: &Wanted, is_offered: bool) -> Result<(), Failure> {
    let own = endpoint_of(session, around);
    if is_offered && wanted.endpoint == own {
        return Ok(());
    }
    let failure = Failure::new(Code::ChannelTypeUnsupported).with("endpoint", own.as_ref());
    Err(if is_offered {
        failure.say("The agent has channels at its own endpoint only, which `params` names.")
    } else {
        failure
    })
}

fn unknown(id: &str) -> Failure {
    Failure::new(Code::TargetUnknown).with("id", id)
}

fn may_go(channel: &Channel) -> Result<(), Failure> {
    if channel.interactions.is_empty() { Ok(()) } else { Err(Failure::new(Code::ChannelBusy)) }
}

/// Makes a change that was checked, answers and tells it.
pub(super) fn make(
    turn: &mut Turn<'_>,
    session: &mut Session,
    around: Around<'_>,
    (asked, data): (&Asked, Option<&str>),
    deed: Deed,
) {
    let mut failure = None;
    match deed {
        Deed::Holds | Deed::Ask { .. } | Deed::Supervise { .. } => {}
        Deed::Complete(leg) => pending::complete(session, &leg),
        Deed::Add { group, channels } => add(turn, session, group, channels),
        Deed::RemoveChannel(_) | Deed::RemoveGroup(_) => {
            turn.succeed(asked, data.map(str::as_bytes));
            return remove(turn, session, around, &deed);
        }
        Deed::Switch { group, only, on } => failure = switch(turn, &mut session.objects, &group, only.as_deref(), on),
    }
    match failure {
        Some(failure) => turn.fail(asked, &failure),
        None => turn.succeed(asked, data.map(str::as_bytes)),
    }
    // A channel that is new may show contacts that had none.
    let legs = around.calls.of_agent(session.agent.as_str());
    step::step(turn, session, around, &legs);
    let facts = step::facts(session, around);
    let mut objects = std::mem::take(&mut session.objects);
    let mut teller = Teller::new(turn, session, around.cti.platform.as_ref());
    news::blocks(&mut teller, &mut objects, facts, around);
    session.objects = objects;
    news::tell(turn, session, around, Why::UNKNOWN);
}

fn add(turn: &mut Turn<'_>, session: &mut Session, name: Option<Box<str>>, channels: Vec<Wanted>) {
    let group = name.map(|name| {
        let (id, since) = (turn.ids.name("g"), turn.now);
        session.objects.groups.push(Group { id: id.clone(), name, since, life: Life::Unheard, told: Told::default() });
        id
    });
    for wanted in channels {
        let channel = channel(turn, group.clone(), wanted);
        session.objects.channels.push(channel);
    }
}

/// Switches channels; the first that cannot be switched ends it, and those before stay switched.
fn switch(turn: &Turn<'_>, objects: &mut Objects, group: &str, only: Option<&str>, on: bool) -> Option<Failure> {
    let own = |channel: &&mut Channel| {
        channel.group.as_deref() == Some(group) && only.is_none_or(|only| *channel.id == *only)
    };
    for channel in objects.channels.iter_mut().filter(own) {
        if !on && let Err(failure) = may_go(channel) {
            return Some(failure);
        }
        let next = channel.state.switch(on);
        if next != channel.state {
            channel.state = next;
            channel.since = turn.now;
        }
    }
    None
}

fn remove(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, deed: &Deed) {
    let mut objects = std::mem::take(&mut session.objects);
    let mut teller = Teller::new(turn, session, around.cti.platform.as_ref());
    let (channel, group) = match deed {
        Deed::RemoveChannel(id) => (Some(id), None),
        Deed::RemoveGroup(id) => (None, Some(id)),
        _ => (None, None),
    };
    let goes = |one: &Channel| channel == Some(&one.id) || (group.is_some() && one.group.as_ref() == group);
    for one in objects.channels.iter_mut().filter(|one| goes(one)) {
        let above = teller.enter_channel(one);
        teller.plain("channel.disposed");
        teller.leave(above);
        one.life.disposed(one.interactions.len());
    }
    objects.channels.retain(|one| !goes(one));
    for one in objects.groups.iter_mut().filter(|one| Some(&one.id) == group) {
        let above = teller.enter(&one.id);
        teller.plain("channelgroup.disposed");
        teller.leave(above);
        let left = objects.channels.iter().filter(|channel| channel.group.as_ref() == group).count();
        one.life.disposed(left);
    }
    objects.groups.retain(|one| Some(&one.id) != group);
    session.objects = objects;
    let facts = Facts { session: step::facts(session, around), channel: None, interaction: None, conversation: None };
    let mut objects = std::mem::take(&mut session.objects);
    news::session_changed(&mut Teller::new(turn, session, around.cti.platform.as_ref()), session, &mut objects, &facts);
    session.objects = objects;
}
