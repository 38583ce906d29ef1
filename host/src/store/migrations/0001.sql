-- Calls by the leg that names them. Moments are microseconds since the epoch. `record` is the journey as the server that wrote
-- it knows it, `earlier` what other runs knew beside, both JSON; `earlier` is empty where there is nothing.
CREATE TABLE interaction_journeys (
    call TEXT NOT NULL PRIMARY KEY,
    run TEXT NOT NULL,
    running BIGINT NOT NULL,
    started BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    caller TEXT NOT NULL,
    called TEXT NOT NULL,
    record TEXT NOT NULL,
    earlier TEXT NOT NULL
);
CREATE INDEX interaction_journeys_started ON interaction_journeys (started, call);
CREATE INDEX interaction_journeys_ended ON interaction_journeys (ended);

-- Any leg finds its call.
CREATE TABLE interaction_journey_legs (
    leg TEXT NOT NULL PRIMARY KEY,
    call TEXT NOT NULL
);
CREATE INDEX interaction_journey_legs_call ON interaction_journey_legs (call);

-- Any number that called or was called finds its calls, newest first.
CREATE TABLE interaction_journey_numbers (
    number TEXT NOT NULL,
    started BIGINT NOT NULL,
    call TEXT NOT NULL,
    PRIMARY KEY (number, started, call)
);
CREATE INDEX interaction_journey_numbers_call ON interaction_journey_numbers (call);

-- The audit trail. `run` and `number` make a record that is written twice one. `actor` is the supervisor who acted, or empty.
CREATE TABLE interaction_audits (
    run TEXT NOT NULL,
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    agent TEXT NOT NULL,
    actor TEXT NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (run, number)
);
CREATE INDEX interaction_audits_at ON interaction_audits (at, run, number);
CREATE INDEX interaction_audits_agent ON interaction_audits (agent, at);
CREATE INDEX interaction_audits_actor ON interaction_audits (actor, at);
