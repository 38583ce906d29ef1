// The real server with its pages, as a process of its own on loopback. Pages are opened through its line, which can be cut.

import { Processor } from "../../../../pkg/tests/support/processor.mjs";

export { changes, eventually, scripted } from "../../../../pkg/tests/support/processor.mjs";

// Each server adds its own to these.
process.setMaxListeners(100);
process.stderr.setMaxListeners(100);

const open = [];

/** Starts a server that is stopped when the tests of the file are over; see `Processor.start` for the options. */
export async function serve(options) {
  const processor = await Processor.start(options);
  open.push(processor);
  return processor;
}

/** The address of a page through the line that can be cut. */
export function pageOf(processor, path, line = processor.line) {
  return `http://127.0.0.1:${line.port}${path}`;
}

/** Stops what was started. */
export async function stopAll() {
  await Promise.all(open.splice(0).map((processor) => processor.stop()));
}
