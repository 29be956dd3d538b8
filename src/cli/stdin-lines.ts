import { usageError } from './errors.ts';

let whole: Promise<Buffer> | undefined;
let at = 0;

/** Everything on standard input, once. Throws `InvalidInput` when standard input is a terminal. */
export function readStdin(what: string): Promise<Buffer> {
  if (process.stdin.isTTY) throw usageError(`${what} is read from a pipe or a file, and standard input is a terminal.`);
  whole ??= collect();
  return whole;
}

async function collect(): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return bytes;
}

/** The next line of standard input as bytes, without its line end; the buffer's copy is wiped. */
export async function nextStdinLine(what: string): Promise<Uint8Array> {
  const bytes = await readStdin(what);
  if (at >= bytes.length) throw usageError(`Standard input ended before ${what}.`);
  const found = bytes.indexOf(0x0a, at);
  const end = found === -1 ? bytes.length : found;
  const last = end > at && bytes[end - 1] === 0x0d ? end - 1 : end;
  const line = Uint8Array.from(bytes.subarray(at, last));
  bytes.fill(0, at, last);
  at = end + 1;
  return line;
}
