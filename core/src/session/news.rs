//! Telling what became of a session's objects: changes and disposals from the bottom up, then what is new from the top down.

use super::Session;
use super::actions::{Facts, Kind, OfSession};
use super::channel::{Channel, Group};
use super::conversation::{Conversation, Seat, State as Line};
use super::grammar::Life;
use super::interaction::{By, Carrier, Interaction, State};
use super::objects::{Objects, of_channel, of_interaction};
use super::step::{self, Around};
use super::tell::Teller;
use crate::calls::Touched;
use crate::cti::Cause;
use crate::timers::TimerName;
use crate::turn::Turn;

/// What happened, for those whose interactions it ended.
#[derive(Clone, Copy)]
pub(super) struct Why {
    cause: Cause,
    /// A device left, which was the agent's if its part ended by it.
    has_left: bool,
}

impl Why {
    /// What an event says of it.
    pub(super) fn of(touched: &Touched) -> Self {
        Self { cause: touched.cause.unwrap_or(Cause::Other), has_left: touched.has_left }
    }

    /// Nothing says it: the platform does not show it any more.
    pub(super) const UNKNOWN: Self = Self { cause: Cause::Other, has_left: false };

    /// Who ended the agent's part in a contact.
    fn by(&self, interaction: &Interaction) -> By {
        let members = interaction.conversations().iter().flat_map(|one| &one.members);
        let has_company = members.into_iter().any(|member| member.seat != Seat::Left);
        match self.cause {
            Cause::Rejected | Cause::Transferred => By::Agent,
            Cause::Abandoned => By::Party,
            Cause::Normal if interaction.is_completing || (self.has_left && has_company) => By::Agent,
            Cause::Normal => By::Party,
            Cause::NoAnswer | Cause::Busy | Cause::Redirected | Cause::Unreachable | Cause::Failed | Cause::Other => {
                By::Platform
            }
        }
    }
}

/// Tells everything that changed since the last telling, and forgets what is over.
pub(super) fn tell(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>, why: Why) {
    for interaction in session.objects.interactions_mut() {
        if !interaction.state.is_live() && interaction.ending.is_none() {
            interaction.ending = Some((why.cause, why.by(interaction)));
        }
    }
    if session.started_in_binding {
        tell_changes(turn, session, around);
    }
    forget_gone(&mut session.objects);
    match session.objects.next_deadline() {
        Some(at) => turn.timers.set(TimerName::WrapUp(session.serial), at),
        None => turn.timers.clear(TimerName::WrapUp(session.serial)),
    }
}

fn tell_changes(turn: &mut Turn<'_>, session: &mut Session, around: Around<'_>) {
    let of_session = step::facts(session, around);
    let mut objects = std::mem::take(&mut session.objects);
    let mut teller = Teller::new(turn, session, around.cti.platform.as_ref());
    for channel in objects.channels.iter_mut().filter(|channel| channel.life.is_known()) {
        let above = teller.enter_channel(channel);
        let facts = channel_facts(of_session, channel);
        for interaction in channel.interactions.iter_mut().filter(|interaction| interaction.life.is_known()) {
            changed(&mut teller, interaction, facts);
        }
        channel_changed(&mut teller, channel, facts, around);
        for interaction in channel.interactions.iter_mut().filter(|interaction| !interaction.life.is_known()) {
            // One that came and went while nobody looked is told to nobody.
            if interaction.state.is_live() {
                created(&mut teller, interaction, facts);
            }
        }
        teller.leave(above);
    }
    let facts = Facts { session: of_session, channel: None, interaction: None, conversation: None };
    for group in objects.groups.iter_mut().filter(|group| group.life.is_known()) {
        group_changed(&mut teller, group, &facts);
    }
    session_changed(&mut teller, session, &mut objects, &facts);
    session.objects = objects;
}

/// Forgets what is over.
pub(super) fn forget_gone(objects: &mut Objects) {
    for channel in &mut objects.channels {
        for interaction in &mut channel.interactions {
            if let Carrier::Voice { conversations } = &mut interaction.carrier {
                conversations.retain(|one| one.state != Line::Ended);
                for one in conversations {
                    one.members.retain(|member| member.seat != Seat::Left);
                }
            }
        }
        channel.interactions.retain(|interaction| interaction.state != State::Completed);
    }
}

fn channel_facts(session: OfSession, channel: &Channel) -> Facts {
    Facts { session, channel: Some(of_channel(channel)), interaction: None, conversation: None }
}

/// Tells the session's own state, where it changed.
pub(super) fn session_changed(teller: &mut Teller<'_, '_>, session: &Session, objects: &mut Objects, facts: &Facts) {
    let state = (Kind::Session, session.state.as_str(), session.running_since());
    teller.state(&mut objects.told, state, facts);
}

fn group_changed(teller: &mut Teller<'_, '_>, group: &mut Group, facts: &Facts) {
    let above = teller.enter(&group.id);
    teller.state(&mut group.told, (Kind::Group, "ACTIVE", group.since), facts);
    teller.leave(above);
}

fn channel_changed(teller: &mut Teller<'_, '_>, channel: &mut Channel, facts: Facts, around: Around<'_>) {
    if channel.told_info.as_ref().is_none_or(|(state, info)| *state != channel.state || *info != channel.info) {
        teller.channel_info(channel, around.cti.platform.as_ref());
        channel.told_info = Some((channel.state, channel.info.clone()));
    }
    teller.state(&mut channel.told, (Kind::Channel, channel.state.as_str(), channel.since), &facts);
}

/// Tells the blocks of the groups and channels the client has not heard of.
pub(super) fn blocks(teller: &mut Teller<'_, '_>, objects: &mut Objects, session: OfSession, around: Around<'_>) {
    let Objects { groups, channels, .. } = objects;
    let facts = Facts { session, channel: None, interaction: None, conversation: None };
    for group in groups.iter_mut().filter(|group| !group.life.is_known()) {
        teller.group_created(group);
        group.life.created();
        group_changed(teller, group, &facts);
        let above = teller.enter(&group.id);
        let own = |channel: &&mut Channel| channel.group.as_ref() == Some(&group.id);
        for channel in channels.iter_mut().filter(own) {
            channel_block(teller, channel, session, around);
        }
        teller.plain("channelgroup.initialized");
        teller.leave(above);
        group.life.initialized();
    }
    for channel in channels.iter_mut().filter(|channel| !channel.life.is_known()) {
        channel_block(teller, channel, session, around);
    }
}

/// Tells a channel, then what goes on in it.
fn channel_block(teller: &mut Teller<'_, '_>, channel: &mut Channel, session: OfSession, around: Around<'_>) {
    let facts = channel_facts(session, channel);
    teller.channel_created(channel);
    channel.life.created();
    let above = teller.enter(&channel.id);
    channel_changed(teller, channel, facts, around);
    teller.plain("channel.initialized");
    channel.life.initialized();
    for interaction in &mut channel.interactions {
        created(teller, interaction, facts);
    }
    teller.leave(above);
}

/// What became of an interaction the client knows.
fn changed(teller: &mut Teller<'_, '_>, interaction: &mut Interaction, facts: Facts) {
    let above = teller.enter(&interaction.id);
    interaction.life.spoken_of();
    let facts = Facts { interaction: Some(of_interaction(interaction)), ..facts };
    for one in interaction.conversations_mut() {
        if one.life.is_known() {
            conversation_changed(teller, one, facts);
        } else if one.state != Line::Ended {
            conversation_block(teller, one, facts);
        }
    }
    if std::mem::take(&mut interaction.is_data_new) {
        teller.data("interaction.datachanged", interaction);
    }
    let focus = interaction.attended().map(|one| &*one.id);
    if focus != interaction.focus.as_deref() && interaction.state.is_live() {
        teller.focus(focus);
        interaction.focus = focus.map(Into::into);
    }
    ended(teller, interaction);
    let state = (Kind::Interaction, interaction.state.as_str(), interaction.since);
    teller.state(&mut interaction.told, state, &facts);
    if interaction.state == State::Completed {
        teller.plain("interaction.disposed");
        let left = interaction.conversations().iter().filter(|one| one.life.is_known()).count();
        interaction.life.disposed(left);
    }
    teller.leave(above);
}

fn ended(teller: &mut Teller<'_, '_>, interaction: &mut Interaction) {
    if let Some((cause, by)) = interaction.ending
        && interaction.life == Life::Initialized
    {
        teller.ended(cause, by);
        interaction.life.ended();
    }
}

/// The block of a new interaction.
fn created(teller: &mut Teller<'_, '_>, interaction: &mut Interaction, facts: Facts) {
    let facts = Facts { interaction: Some(of_interaction(interaction)), ..facts };
    teller.interaction_created(interaction);
    interaction.life.created();
    let above = teller.enter(&interaction.id);
    let state = (Kind::Interaction, interaction.state.as_str(), interaction.since);
    teller.state(&mut interaction.told, state, &facts);
    for one in interaction.conversations_mut() {
        conversation_block(teller, one, facts);
    }
    teller.data("interaction.datachanged", interaction);
    teller.data("interaction.preview", interaction);
    interaction.is_data_new = false;
    teller.plain("interaction.initialized");
    interaction.life.initialized();
    let focus = interaction.attended().map(|one| one.id.clone());
    let first = interaction.conversations().first().map(|one| one.id.clone());
    if focus != first {
        teller.focus(focus.as_deref());
    }
    interaction.focus = focus;
    ended(teller, interaction);
    teller.leave(above);
}

fn conversation_changed(teller: &mut Teller<'_, '_>, one: &mut Conversation, facts: Facts) {
    let above = teller.enter(&one.id);
    one.life.spoken_of();
    let is_over = one.state == Line::Ended;
    for member in one.members.iter().filter(|member| is_over || member.seat == Seat::Left) {
        if member.seat != Seat::New {
            teller.member_removed(member);
        }
    }
    if is_over {
        teller.plain("conversation.disposed");
        one.life.disposed(0);
    } else {
        one.members.retain(|member| member.seat != Seat::Left);
        members_added(teller, one);
        let facts = Facts { conversation: Some(one.state), ..facts };
        teller.state(&mut one.told, (Kind::Conversation, one.state.as_str(), one.since), &facts);
    }
    teller.leave(above);
}

fn members_added(teller: &mut Teller<'_, '_>, one: &mut Conversation) {
    for member in one.members.iter_mut().filter(|member| member.seat == Seat::New) {
        teller.member_added(member);
        member.seat = Seat::Told;
    }
}

fn conversation_block(teller: &mut Teller<'_, '_>, one: &mut Conversation, facts: Facts) {
    teller.conversation_created(one);
    one.life.created();
    let above = teller.enter(&one.id);
    let facts = Facts { conversation: Some(one.state), ..facts };
    teller.state(&mut one.told, (Kind::Conversation, one.state.as_str(), one.since), &facts);
    members_added(teller, one);
    teller.plain("conversation.initialized");
    one.life.initialized();
    teller.leave(above);
}
