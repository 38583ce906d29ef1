// node scripts/compress.mjs: writes X.br and X.gz beside every file X of dist that gets smaller by it. The server chooses.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const COMPRESSIBLE = /\.(html|js|css|svg|wasm|webmanifest)$/;

// Emptied with the folder by the build; it keeps the folder in the repository.
writeFileSync(join(DIST, ".gitkeep"), "");
for (const name of readdirSync(DIST, { recursive: true })) {
  if (!COMPRESSIBLE.test(name)) continue;
  const file = join(DIST, name);
  const bytes = readFileSync(file);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  for (const [ending, packed] of [["br", brotli], ["gz", gzipSync(bytes, { level: 9 })]]) {
    if (packed.length < bytes.length) writeFileSync(`${file}.${ending}`, packed);
  }
}
