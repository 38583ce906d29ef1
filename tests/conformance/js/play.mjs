// Plays a script on the engine and writes what it answers. Knows nothing of what the answers should be.

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
  isDone() { return this.at >= this.bytes.length; }
  u8() { return this.bytes[this.at++]; }
  u32() { const n = this.view.getUint32(this.at, true); this.at += 4; return n; }
  u64() { const n = this.view.getBigUint64(this.at, true); this.at += 8; return n; }
  take() { const n = this.u32(); const bytes = this.bytes.subarray(this.at, this.at + n); this.at += n; return bytes; }
  text() { return new TextDecoder("utf-8", { fatal: true }).decode(this.take()); }
}

class Writer {
  constructor() { this.bytes = new Uint8Array(1 << 20); this.at = 0; }
  room(n) {
    if (this.at + n <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + n));
    larger.set(this.bytes.subarray(0, this.at));
    this.bytes = larger;
  }
  u8(n) { this.room(1); this.bytes[this.at++] = n; }
  u32(n) { this.room(4); new DataView(this.bytes.buffer).setUint32(this.at, n, true); this.at += 4; }
  u64(n) { this.room(8); new DataView(this.bytes.buffer).setBigUint64(this.at, n, true); this.at += 8; }
  put(bytes) { this.u32(bytes.length); this.room(bytes.length); this.bytes.set(bytes, this.at); this.at += bytes.length; }
  text(text) { this.put(new TextEncoder().encode(text)); }
  done() { return this.bytes.subarray(0, this.at); }
}

// An engine was wrongly refused: that is the difference to be told, and what follows from it is only noted.
const NO_ENGINE = { code: "script.noengine", message: "there is no engine", applied: 0, outputs: new Uint8Array() };

/** Plays a portion; gives all answers, or their SHA-256. */
export async function answer(engine, script, isWhole) {
  const answers = play(engine, script);
  return isWhole ? answers : new Uint8Array(await crypto.subtle.digest("SHA-256", answers));
}

/** Plays every play of `script` with the classes that wasm-bindgen made; returns the file of answers. */
function play({ Engine, Failure }, script) {
  const acts = new Reader(script);
  const answers = new Writer();
  while (!acts.isDone()) {
    let engine;
    const replace = (made) => { engine?.free(); engine = made; return new Uint8Array(); };
    for (let left = acts.u32(); left > 0; left--) {
      const act = read(acts);
      try {
        const bytes = perform(Engine, engine, replace, act);
        answers.u8(0);
        answers.put(bytes);
      } catch (failure) {
        if (!(failure instanceof Failure || failure === NO_ENGINE)) throw failure;
        answers.u8(1);
        answers.text(failure.code);
        answers.text(failure.message);
        answers.u32(failure.applied);
        answers.put(failure.outputs);
        if (failure !== NO_ENGINE) failure.free();
      }
      const timeout = engine?.nextTimeout();
      answers.u8(timeout === undefined ? 0 : 1);
      if (timeout !== undefined) answers.u64(timeout);
    }
    engine?.free();
  }
  return answers.done();
}

function read(acts) {
  const kind = acts.u8();
  switch (kind) {
    case 0: return { kind, config: acts.text(), seed: acts.u64(), now: acts.u64() };
    case 1: return { kind, config: acts.text(), snapshot: acts.take() };
    case 2: return { kind, batch: acts.take() };
    case 3: return { kind };
    default: throw new Error(`the script holds an act of kind ${kind}`);
  }
}

function perform(Engine, engine, replace, act) {
  if (engine === undefined && act.kind >= 2) throw NO_ENGINE;
  switch (act.kind) {
    case 0: return replace(new Engine(act.config, act.seed, act.now));
    case 1: return replace(Engine.restore(act.config, act.snapshot));
    case 2: return engine.step(act.batch);
    default: return engine.snapshot();
  }
}
