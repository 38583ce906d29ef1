// node scripts/types.mjs [--check]: writes src/wire.ts, the protocol's messages as TypeScript, from the JSON Schema in
// docs/schema, which is made of the engine's own types. With --check it only says whether the file is up to date.

import { readFileSync, writeFileSync } from "node:fs";

import { compile } from "json-schema-to-typescript";

const SCHEMAS = new URL("../../docs/schema/", import.meta.url);
const FILE = new URL("../src/wire.ts", import.meta.url);
const ROOTS = { ServerMessage: "server-message.json", ClientMessage: "client-message.json" };
const HEAD = "// Written by scripts/types.mjs from docs/schema; the protocol's own types are its source. Do not change it by hand.\n";

/** Every named type of both directions, and the two directions themselves. */
function definitions() {
  const found = {};
  for (const [name, file] of Object.entries(ROOTS)) {
    const { $defs, $schema, title, ...root } = JSON.parse(readFileSync(new URL(file, SCHEMAS), "utf8"));
    for (const [key, value] of Object.entries($defs)) {
      // Answers repeat requests, so both directions know some types; they must know the same.
      if (found[key] && JSON.stringify(found[key]) !== JSON.stringify(value)) throw new Error(`${key} is two types`);
      found[key] = value;
    }
    found[name] = { ...root, description: `${title}.` };
  }
  return Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The schema with each reference as the name of a type, so that every type is written once and under its own name. */
function named(schema) {
  if (Array.isArray(schema)) return schema.map(named);
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, description, ...rest } = optional(schema);
  const inner = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, named(value)]));
  const words = description === undefined ? {} : { description };
  if ($ref === undefined) return { ...words, ...inner };
  const type = { tsType: $ref.replace("#/$defs/", "") };
  // What stands beside a reference adds to it.
  return Object.keys(inner).length === 0 ? { ...words, ...type } : { ...words, allOf: [type, inner] };
}

/** The schema without null for what may be left out, and with `unknown` for what may be anything. */
function optional(schema) {
  if (schema.properties === undefined) return schema;
  const properties = Object.entries(schema.properties).map(([name, property]) => {
    const isAnything = Object.keys(property).every((key) => key === "description");
    if (isAnything) return [name, { ...property, tsType: "unknown" }];
    return [name, schema.required?.includes(name) ? property : withoutNull(property)];
  });
  return { ...schema, properties: Object.fromEntries(properties) };
}

function withoutNull({ type, anyOf, ...rest }) {
  const choices = anyOf?.filter((choice) => choice.type !== "null");
  const types = Array.isArray(type) ? type.filter((one) => one !== "null") : type;
  return {
    ...rest,
    ...(types === undefined ? {} : { type: Array.isArray(types) && types.length === 1 ? types[0] : types }),
    ...(choices === undefined ? {} : choices.length === 1 ? choices[0] : { anyOf: choices }),
  };
}

async function written() {
  const options = { additionalProperties: false, bannerComment: "", style: { printWidth: 120 } };
  const parts = [];
  for (const [name, schema] of definitions()) parts.push(await compile(named(schema), name, options));
  return `${HEAD}\n${parts.join("\n")}`.replace(/\/\*\*\n\s*\* (.*)\n\s*\*\//g, "/** $1 */");
}

const text = await written();
if (process.argv.includes("--check")) {
  if (readFileSync(FILE, "utf8") !== text) {
    console.error("src/wire.ts is not what docs/schema says: write it anew with `npm run types`");
    process.exit(1);
  }
} else {
  writeFileSync(FILE, text);
}
