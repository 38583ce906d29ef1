// How a journey is read and laid out, without a browser.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { load } from "./support/source.mjs";

const { words, mayRun, grew, keyOf, read, endingOf } = await load("journey/logic/steps.ts");
const { picture } = await load("journey/logic/lanes.ts");
const { arrows } = await load("journey/logic/arrows.ts");
const { labels, shortened, isolated } = await load("journey/logic/labels.ts");
const { spanOf, scrollFor, tickStep, ticks, zoomMax, zoomed } = await load("journey/logic/axis.ts");
const { addressOf, callOf, insideText, matches, merged, numberOf } = await load("journey/logic/search.ts");
const { captions, layout } = await load("journey/logic/layout.ts");

const BEGAN = 1_790_000_000_000;
const ANN = ["Agent", "1001"];
const BEN = ["Agent", "1002"];
const clock = (seconds) => new Date(seconds * 1_000).toISOString().slice(11, 19);

/** A step: its leg, device, words, and from when to when in seconds of the call. */
function step(CallId, [DeviceType, Device], Description, from, to = from, more = {}) {
  return { CallId, Device, DeviceType, Description, StartedAt: BEGAN + Math.round(from * 1_000), Duration: clock(Math.floor(to - from)), ...more };
}

/** From trigger to queue to Ann, who holds, consults Ben, and passes the call on. */
const TRANSFERRED = [
  step("A", ["External", "+431"], "Incoming call from +431", 0),
  step("A", ["Trigger", "8000"], "Sales line", 0, 1),
  step("A", ["IVR", "7001"], "welcome.aef", 1, 5),
  step("A", ["CSQ", "Orders"], "Orders: answered", 5, 20),
  step("A", ANN, "ringing Ann", 17, 20),
  step("A", ANN, "talking Ann", 20, 30),
  step("A", ANN, "hold Ann: transferred to Ben", 30, 50),
  step("B", ANN, "dialling 1002", 30, 35),
  step("B", BEN, "ringing Ben", 30, 35),
  step("B", ANN, "consult with Ben", 35, 50),
  step("B", BEN, "consult with Ann", 35, 50),
  step("A", BEN, "talking Ben", 50, 80),
];
const done = (steps, endedAt) => read(steps, new Set(), BEGAN, endedAt);
const flat = (drawn) => arrows(drawn).map(({ kind, from, to, at }) => `${kind} ${drawn.lanes[from.lane].device}→${drawn.lanes[to.lane].device} ${(at - BEGAN) / 1_000}`);

describe("the words of steps", () => {
  for (const [device, description, expected] of [
    [["External", "+431"], "Incoming call from +431", { activity: "incoming" }],
    [["External", "+431"], "Outgoing call to +431", { activity: "outgoing" }],
    [["Trigger", "8000"], "Sales line", { activity: "trigger", name: "Sales line" }],
    [["Trigger", "8000"], "trigger", { activity: "trigger", name: "" }],
    [["IVR", "7001"], "script", { activity: "script", name: "" }],
    [["CSQ", "Orders"], "Orders", { activity: "queue", name: "", outcome: "" }],
    [["CSQ", "Orders"], "Orders: answered", { activity: "queue", name: "", outcome: "answered" }],
    [["CSQ", "talking: shop"], "talking: shop", { activity: "queue", name: "", outcome: "" }],
    [ANN, "dialling 1002: busy", { activity: "dialling", name: "", other: "1002", outcome: "busy" }],
    [ANN, "ringing Ann: no answer", { activity: "ringing", name: "Ann", outcome: "no answer" }],
    [ANN, "talking", { activity: "talking", name: "" }],
    [ANN, "talking Ann: transferred to Ben: the second", { activity: "talking", name: "Ann", outcome: "transferred", passedTo: "Ben: the second" }],
    [ANN, "talking Ann: transferred", { activity: "talking", name: "Ann", outcome: "transferred", passedTo: "" }],
    [ANN, "consult Ann", { activity: "consult", name: "Ann", other: "" }],
    [ANN, "consult with Ben", { activity: "consult", name: "", other: "Ben" }],
    [ANN, "conference Ann", { activity: "conference", name: "Ann" }],
    [ANN, "listening Sue", { activity: "listening", name: "Sue" }],
    [ANN, "coaching Sue", { activity: "coaching", name: "Sue" }],
    [ANN, "barged in Sue", { activity: "barged", name: "Sue" }],
    [ANN, "hold Ann", { activity: "hold", name: "Ann" }],
    [ANN, "after-call work Ann", { activity: "work", name: "Ann" }],
    [ANN, "teleporting Ann", { activity: "other", other: "teleporting Ann" }],
  ]) {
    test(description, () => {
      const said = words(step("A", device, description, 0));
      for (const [key, value] of Object.entries(expected)) assert.equal(said[key], value, key);
    });
  }
});

describe("what runs", () => {
  test("reaches the present, is followed by nothing, and came to nothing", () => {
    const steps = [...TRANSFERRED.slice(0, 5), step("A", ANN, "talking Ann", 20, 30.4)];
    assert.deepEqual([...mayRun(steps, BEGAN + 30_400)], [keyOf(steps[5])]);
    assert.deepEqual([...mayRun(steps, BEGAN + 31_500)], []);
  });

  test("is known for certain when durations grew", () => {
    const before = [step("A", ANN, "talking Ann", 0, 9), step("A", BEN, "ringing Ben", 8, 9)];
    const after = [step("A", ANN, "talking Ann", 0, 9), step("A", BEN, "ringing Ben: no answer", 8, 10)];
    assert.deepEqual([...grew(before, after)], [keyOf(after[1])]);
  });

  test("lasts until now", () => {
    const steps = [step("A", ANN, "talking Ann", 0, 9)];
    const [talk] = read(steps, new Set([keyOf(steps[0])]), BEGAN + 12_345);
    assert.equal(talk.to - talk.from, 12_345);
    assert.ok(talk.isRunning);
  });
});

describe("ends", () => {
  test("are moved to what followed within their second, at the same device first", () => {
    const steps = done([
      step("A", ANN, "ringing Ann", 0.2, 3.9), step("A", BEN, "ringing Ben", 3.6, 9.5), step("A", ANN, "talking Ann", 3.9, 9.5),
    ], BEGAN + 9_500);
    assert.deepEqual(steps.map(({ to }) => (to - BEGAN) / 1_000), [3.9, 9.5, 9.5]);
  });

  test("are those of what was told a moment apart", () => {
    const steps = done([
      step("A", ["IVR", "7001"], "welcome.aef", 0, 2.999), step("A", ["CSQ", "Orders"], "Orders", 3.003, 4),
      step("B", ANN, "hold Ann: transferred to Ben", 10, 21.01), step("B", ANN, "after-call work Ann", 20.99, 25), step("B", BEN, "talking Ben", 21.01, 25),
    ]);
    assert.deepEqual([steps[0].to, steps[2].to].map((to) => (to - BEGAN) / 1_000), [3.003, 20.99]);
    assert.equal(picture(steps).lanes.find(({ name }) => name === "Ann").rows, 1);
  });

  test("tell how the call ended", () => {
    assert.equal(endingOf(done(TRANSFERRED)).cause, "Hung up");
    assert.equal(endingOf(done([TRANSFERRED[0], step("A", ["CSQ", "Orders"], "Orders: abandoned", 0, 40)])).cause, "The caller gave up");
    assert.equal(endingOf(done([step("A", ANN, "dialling 1002: busy", 0, 3), step("A", BEN, "ringing Ben: busy", 0, 3)])).cause, "Busy");
    assert.equal(endingOf(done([step("A", ANN, "talking Ann", 0, 3, { Partial: true })])).cause, "Its end was not seen");
    const talks = [step("A", ANN, "talking Ann", 0, 3)];
    assert.equal(endingOf(read(talks, new Set(talks.map(keyOf)), BEGAN + 3_000)), undefined);
  });

  test("do not wait for after-call work", () => {
    const steps = [step("A", ANN, "talking Ann", 0, 3), step("A", ANN, "after-call work Ann", 3, 5)];
    const ending = endingOf(read(steps, new Set([keyOf(steps[1])]), BEGAN + 5_000));
    assert.deepEqual(ending, { at: BEGAN + 3_000, cause: "Hung up" });
  });
});

describe("lanes", () => {
  test("stand in order of touch, with names where they are known", () => {
    const { lanes } = picture(done(TRANSFERRED));
    assert.deepEqual(lanes.map(({ kind, name, rows }) => [kind, name, rows]), [
      ["External", "+431", 1], ["Trigger", "Sales line", 1], ["IVR", "welcome.aef", 1], ["CSQ", "Orders", 1], ["Agent", "Ann", 2], ["Agent", "Ben", 1],
    ]);
  });

  test("show work after the call where the talk was", () => {
    const { bars } = picture(done([...TRANSFERRED, step("B", ANN, "after-call work Ann", 49.97, 60)]));
    assert.deepEqual(bars.filter(({ step }) => step.device === "1001").map(({ row }) => row), [0, 0, 0, 1, 1, 0]);
  });

  test("have no two bars at one place", () => {
    const { bars } = picture(done(TRANSFERRED));
    for (const one of bars) {
      for (const other of bars) {
        if (one === other || one.lane !== other.lane || one.row !== other.row) continue;
        assert.ok(one.step.to <= other.step.from + 100 || other.step.to <= one.step.from + 100, `${one.step.description} and ${other.step.description}`);
      }
    }
  });
});

describe("arrows", () => {
  test("tell a consultation and a transfer", () => {
    assert.deepEqual(flat(picture(done(TRANSFERRED))), [
      "route +431→8000 0", "route 8000→7001 1", "route 7001→Orders 5", "route Orders→1001 20", "consult 1001→1002 30", "transfer 1001→1002 50",
    ]);
  });

  test("join those of a conference to whoever made it", () => {
    const steps = [
      ...TRANSFERRED.slice(0, 6), step("A", ANN, "hold Ann", 30, 50), ...TRANSFERRED.slice(7, 11),
      step("A", BEN, "conference Ben", 50, 60), step("A", ANN, "conference Ann", 50, 60),
    ];
    assert.deepEqual(flat(picture(done(steps))).slice(-2), ["consult 1001→1002 30", "conference 1001→1002 50"]);
  });

  test("tell who was added to a talk, and who dialled whom", () => {
    const added = [step("A", ANN, "talking Ann", 0, 20), step("A", BEN, "ringing Ben", 5, 8), step("A", BEN, "talking Ben", 8, 20)];
    assert.deepEqual(flat(picture(done(added))), ["add 1001→1002 5"]);
    const dialled = [step("A", ANN, "dialling 1002", 0, 4), step("A", BEN, "ringing Ben", 0, 4), step("A", BEN, "talking Ben", 4, 9), step("A", ANN, "talking Ann", 4, 9)];
    assert.deepEqual(flat(picture(done(dialled))), ["dial 1001→1002 0"]);
  });

  test("have words where there is room for them", () => {
    const drawn = picture(done(TRANSFERRED));
    const laid = layout(drawn, arrows(drawn), 1_000);
    const at = (time) => laid.left + ((time - BEGAN) / 80_000) * laid.plot;
    assert.deepEqual(captions(arrows(drawn), laid, at, (text) => text.length * 6).map(({ text }) => text), ["Consult", "Transfer"]);
    // All at one place: one of them.
    assert.equal(captions(arrows(drawn), laid, () => laid.left + 10, (text) => text.length * 6).length, 1);
  });
});

describe("labels", () => {
  const measure = (text) => text.length * 6;

  test("stand inside where they fit, else beside, else nowhere, and never on one another", () => {
    const texts = ["Talking 0:12", "Talking"];
    // Rows of bars of many widths and distances, drawn by a plain generator.
    let seed = 7;
    const next = (most) => (seed = (seed * 16_807) % 2_147_483_647) % most;
    for (let round = 0; round < 300; round += 1) {
      const boxes = [];
      for (let x = 10 + next(60); x < 900; x += next(90)) {
        const to = x + 3 + next(160);
        boxes.push({ from: x, to, texts, short: "0:12", isMark: next(5) === 0 });
        x = to;
      }
      const found = labels(boxes, 0, 900, measure);
      const spans = found.map(({ text, x }) => [x, x + measure(text)]);
      found.forEach(({ box, isInside, text }, at) => {
        const [from, to] = spans[at];
        assert.ok(from >= 0 && to <= Math.max(900, boxes[box].to), `${text} at ${from} to ${to}`);
        spans.forEach(([other, end], index) => assert.ok(index === at || to <= other || end <= from, "two labels overlap"));
        boxes.forEach((other, index) => {
          if (index === box) assert.ok(isInside ? from >= other.from && to <= other.to : to <= other.from || from >= other.to);
          else assert.ok(to <= other.from || from >= other.to, "a label stands on another bar");
        });
      });
    }
  });

  test("say as much as there is room for", () => {
    const texts = ["Talking 0:12"];
    const short = "0:12";
    assert.deepEqual(labels([{ from: 0, to: 100, texts }], 0, 500, measure)[0], { box: 0, text: "Talking 0:12", x: 6, isInside: true });
    assert.equal(labels([{ from: 0, to: 40, texts, short }], 0, 500, measure)[0].text, "0:12");
    assert.deepEqual(labels([{ from: 200, to: 203, texts, short }], 0, 500, measure)[0], { box: 0, text: "Talking 0:12", x: 207, isInside: false });
    assert.deepEqual(labels([{ from: 0, to: 3, texts, short }, { from: 4, to: 500, texts: [] }], 0, 500, measure), []);
  });

  test("are cut between letters, not within", () => {
    assert.equal(shortened("Anna Ash", 100, measure), "Anna Ash");
    assert.equal(shortened("Anna Ash", 30, measure), "Anna…");
    assert.equal(shortened("👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 80, measure), "👨‍👩‍👧‍👦…");
    assert.equal(isolated("שלום\u202Eevil"), "\u2068שלוםevil\u2069");
  });
});

describe("the axis", () => {
  test("of a running call stays as it is for a while", () => {
    assert.equal(spanOf(41_000, true), spanOf(55_000, true));
    assert.ok(spanOf(58_000, true) > spanOf(55_000, true));
    assert.ok(spanOf(200 * 3_600_000, true) >= 200 * 3_600_000);
    assert.equal(spanOf(100_000, false), 102_000);
  });

  test("has ticks that people read", () => {
    assert.equal(tickStep(20, 90), 2_000);
    assert.equal(tickStep(3_600, 90), 450_000);
    assert.deepEqual(ticks(1_500, 6_000, 2_000), [2_000, 4_000, 6_000]);
  });

  test("is zoomed about what is looked at, between the whole and a closest look", () => {
    assert.equal(zoomed(1, -1, 9), 1);
    assert.equal(zoomed(8, 1, 9), 9);
    assert.equal(zoomed(zoomed(1, 1, 9), -1, 9), 1);
    assert.equal(zoomMax(1_000, 800), 1);
    // What was 150 px from the left, scrolled by 50, is there again.
    const scroll = scrollFor(50, 150, 1, 2);
    assert.equal((50 + 150) * 2 - scroll, 150);
  });
});

describe("the search", () => {
  test("knows numbers however they are written", () => {
    assert.equal(numberOf(" +49 (30) 123-45 "), "+493012345");
    assert.equal(numberOf("Anna 2"), undefined);
    assert.equal(numberOf("c-1"), undefined);
    assert.equal(numberOf("--"), undefined);
  });

  test("finds every word, without regard to capitals and accents", () => {
    assert.ok(matches("horvath HANA", "Hana Horváth"));
    assert.ok(!matches("hana x", "Hana Horváth"));
    const inside = insideText(TRANSFERRED);
    for (const known of ["Ann", "Ben", "1002", "Orders", "welcome.aef", "B"]) assert.ok(matches(known, inside), known);
  });

  test("puts two lists together, newest first, each call once", () => {
    const call = (CallId, StartedAt, To = "") => ({ CallId, StartedAt, From: "", To });
    assert.deepEqual(merged([call("a", 1, "here")], [call("b", 2), call("a", 1)]), [call("b", 2), call("a", 1, "here")]);
  });

  test("makes addresses of any id", () => {
    for (const id of ["c-1", "a/b", "100%", "50%25", "#?&", "שלום"]) assert.equal(callOf(addressOf(id, "x").split("?")[0]), id);
    assert.equal(addressOf(undefined, "+49 30"), "/journey?q=%2B49+30");
    assert.equal(callOf("/journey"), undefined);
  });
});
