import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asKeyholdError } from '../../daemon/envelope/kms-error.ts';
import { openDecryption } from '../../daemon/envelope/open-decryption.ts';
import type { Cli } from '../cli.ts';
import { fileSize } from './encrypt-file.ts';
import { withKms } from './kms-session.ts';
import { progress } from './progress.ts';
import { through } from './through.ts';
import { createWholeFile } from './whole-file.ts';

export interface DecryptOptions {
  /** A path, or `-` for standard input. */
  source: string;
  /** A path, or `-` for standard output. */
  target: string;
  profile: string | undefined;
  /** Pairs that the message's context must carry. */
  context: Record<string, string>;
  force: boolean;
}

export interface Decrypted {
  /** Bytes of plaintext. */
  bytes: number;
  /** The message's own encryption context. */
  context: Record<string, string>;
}

/**
 * Decrypts an AWS Encryption SDK message with whichever of its keys belongs to the profile's account. Nothing of the plaintext is let out before the
 * last frame and the signature have been verified: it is written beside its place, readable by its owner alone, and moved there at the end.
 */
export async function decryptFile(cli: Cli, options: DecryptOptions): Promise<Decrypted> {
  if (options.target !== '-') return decryptTo(cli, options, options.target, options.force);
  const folder = await mkdtemp(join(tmpdir(), 'keyhold-'));
  try {
    const path = join(folder, 'plaintext');
    const done = await decryptTo(cli, options, path, false);
    await pipeline(createReadStream(path), process.stdout);
    return done;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function decryptTo(cli: Cli, options: DecryptOptions, path: string, force: boolean): Promise<Decrypted> {
  const { source } = options;
  const size = source === '-' ? undefined : fileSize(source);
  const file = createWholeFile(path, { force, mode: 0o600 });
  try {
    const done = await withKms(cli, options.profile, 'decrypt', async (kms) => {
      const decryption = openDecryption(kms, options.context);
      const input = source === '-' ? process.stdin : createReadStream(source);
      try {
        await through(input, progress(size), decryption.stream, file.stream);
      } catch (error) {
        throw decryption.explain(error);
      }
      return { bytes: file.stream.bytesWritten, context: decryption.context() };
    });
    await file.keep();
    return done;
  } catch (error) {
    await file.drop();
    throw asKeyholdError(error);
  }
}
