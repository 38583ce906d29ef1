// Portions on standard input: whether all answers are wanted (one byte), the script's length (four bytes, little-endian), the
// script. What is told for each goes to standard output, after its length.

export async function* portions() {
  let waiting = [];
  let bytes = 0;
  for await (const part of process.stdin) {
    waiting.push(part);
    bytes += part.length;
    for (;;) {
      const length = bytes < 5 ? undefined : head(waiting).readUInt32LE(1);
      if (length === undefined || bytes < 5 + length) break;
      const all = Buffer.concat(waiting, bytes);
      waiting = [all.subarray(5 + length)];
      bytes -= 5 + length;
      yield { isWhole: all[0] === 1, script: all.subarray(5, 5 + length) };
    }
  }
}

export async function tell(answer) {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(answer.length);
  process.stdout.write(length);
  await new Promise((written) => process.stdout.write(answer, written));
}

function head(parts) {
  return parts[0].length >= 5 ? parts[0] : Buffer.concat(parts);
}
