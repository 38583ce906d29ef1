// What Node 22 has as `using`.

import { afterEach } from "node:test";

const open = [];
afterEach(() => {
  for (const one of open.splice(0).reverse()) one.close();
});

/** Closes it when the test is over. */
export function closing(one) {
  open.push(one);
  return one;
}
