import { createReadStream, statSync } from 'node:fs';
import { asKeyholdError } from '../../daemon/envelope/kms-error.ts';
import { openEncryption } from '../../daemon/envelope/open-encryption.ts';
import { resolveKeys } from '../../daemon/envelope/resolve-keys.ts';
import type { Cli } from '../cli.ts';
import { ExitWith } from '../errors.ts';
import { standardOutput } from '../standard-output.ts';
import { writeTo } from './handle-streams.ts';
import { withKms } from './kms-session.ts';
import { nameStreamed } from './name-file.ts';
import { progress } from './progress.ts';
import { through } from './through.ts';
import { createWholeFile } from './whole-file.ts';

export interface EncryptOptions {
  /** A path, or `-` for standard input. */
  source: string;
  /** A path, or `-` for standard output. */
  target: string;
  keys: readonly string[];
  profile: string | undefined;
  context: Record<string, string>;
  force: boolean;
}

export interface Encrypted {
  /** Bytes of plaintext. */
  bytes: number;
  /** ARNs of the keys any one of which opens the message. */
  keys: string[];
}

/** Encrypts a file of any size as an AWS Encryption SDK message that each of the keys opens. */
export async function encryptFile(cli: Cli, options: EncryptOptions): Promise<Encrypted> {
  const { source, target } = options;
  const size = source === '-' ? undefined : fileSize(source);
  const file =
    target === '-' ? null : await createWholeFile(target, { force: options.force, mode: 0o666 & ~process.umask() });
  try {
    const done = await withKms(cli, options.profile, 'encrypt', async (kms) => {
      const keys = await resolveKeys(kms, options.keys);
      const counter = progress(size);
      const input = source === '-' ? process.stdin : createReadStream(source);
      const stage = openEncryption(kms, keys, options.context);
      await through(input, counter, stage, file === null ? standardOutput() : writeTo(file.file));
      return { bytes: counter.bytes, keys };
    });
    await file?.keep();
    return done;
  } catch (error) {
    await file?.drop();
    // Whoever reads standard output has seen enough.
    if (error instanceof ExitWith) throw error;
    throw asKeyholdError(nameStreamed(error, { source, target }));
  }
}

/** Bytes of a regular file; undefined for a pipe or device. */
export function fileSize(path: string): number | undefined {
  const stat = statSync(path);
  return stat.isFile() ? stat.size : undefined;
}
