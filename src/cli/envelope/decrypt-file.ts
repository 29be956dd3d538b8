import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { asKeyholdError } from '../../daemon/envelope/kms-error.ts';
import { openDecryption } from '../../daemon/envelope/open-decryption.ts';
import type { Cli } from '../cli.ts';
import { standardOutput } from '../standard-output.ts';
import { fileSize } from './encrypt-file.ts';
import { readFrom, writeTo } from './handle-streams.ts';
import { withKms } from './kms-session.ts';
import { nameStreamed } from './name-file.ts';
import { progress } from './progress.ts';
import { through } from './through.ts';
import { openUnnamedFile } from './unnamed-file.ts';
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
 * last frame and the signature have been verified: it is written beside its place, readable by its owner alone, and moved there at the end. For standard
 * output it waits in a file without a name.
 */
export async function decryptFile(cli: Cli, options: DecryptOptions): Promise<Decrypted> {
  const { source, target, force } = options;
  const size = source === '-' ? undefined : fileSize(source);
  if (target === '-') {
    const file = await openUnnamedFile();
    try {
      const done = await decryptTo(cli, options, { size, file, path: tmpdir() });
      await pipeline(readFrom(file), standardOutput());
      return done;
    } finally {
      await file.close();
    }
  }
  const whole = await createWholeFile(target, { force, mode: 0o600 });
  try {
    const done = await decryptTo(cli, options, { size, file: whole.file, path: target });
    await whole.keep();
    return done;
  } catch (error) {
    await whole.drop();
    throw error;
  }
}

interface Place {
  /** Bytes of the message, where they are known. */
  size: number | undefined;
  file: FileHandle;
  /** What to call the file when it cannot be written. */
  path: string;
}

async function decryptTo(cli: Cli, options: DecryptOptions, { size, file, path }: Place): Promise<Decrypted> {
  const { source } = options;
  try {
    return await withKms(cli, options.profile, 'decrypt', async (kms) => {
      const decryption = openDecryption(kms, options.context);
      const input = source === '-' ? process.stdin : createReadStream(source);
      const output = writeTo(file);
      try {
        await through(input, progress(size), decryption.stream, output);
      } catch (error) {
        throw decryption.explain(error);
      }
      return { bytes: output.bytes, context: decryption.context() };
    });
  } catch (error) {
    throw asKeyholdError(nameStreamed(error, { source, target: path }));
  }
}
