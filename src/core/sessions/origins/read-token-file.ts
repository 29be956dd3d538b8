import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { KeyholdError } from '../../../contract/errors.ts';
import { MOST_TOKEN_CHARACTERS } from '../../../contract/web-identity.ts';

const WHITE: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** Three parts in base64url (RFC 7515 section 7.1). */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The token that something else keeps in this file; the bytes are the caller's to wipe. Throws `InvalidInput`, with nothing of what the file holds. */
export async function readTokenFile(path: string): Promise<Uint8Array> {
  // A named pipe would be waited for until somebody writes into it.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    throw unreadable(path, reasonOf(error), error);
  });
  const bytes = new Uint8Array(MOST_TOKEN_CHARACTERS + 1);
  try {
    if (!(await file.stat()).isFile()) throw unreadable(path, 'it is no file');
    const length = await fill(file, bytes);
    if (length > MOST_TOKEN_CHARACTERS) throw unreadable(path, 'it is longer than AWS takes');
    let [from, to] = [0, length];
    while (from < to && WHITE.has(bytes[from])) from++;
    while (to > from && WHITE.has(bytes[to - 1])) to--;
    const token = bytes.slice(from, to);
    if (JWT.test(Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString('latin1'))) return token;
    token.fill(0);
    throw unreadable(path, from === to ? 'it is empty' : 'what it holds is no JSON Web Token');
  } finally {
    bytes.fill(0);
    await file.close();
  }
}

async function fill(file: FileHandle, bytes: Uint8Array): Promise<number> {
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'Keyhold may not read it';
  return 'it cannot be read';
}

function unreadable(path: string, why: string, cause?: unknown): KeyholdError {
  return new KeyholdError(
    'InvalidInput',
    `The web identity token ${path} is of no use: ${why}. Whatever writes it has to put a token there first.`,
    undefined,
    { cause },
  );
}
