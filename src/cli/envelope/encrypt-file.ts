import { createReadStream, statSync } from 'node:fs';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import type { Cli } from '../cli.ts';
import { asKeyholdError } from './kms-error.ts';
import { withKms } from './kms-session.ts';
import { progress } from './progress.ts';
import { resolveKeys } from './resolve-keys.ts';
import { supplyClient } from './supply-client.ts';
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

/**
 * Encrypts a file as an AWS Encryption SDK message, version 2 with key commitment and an ECDSA signature (algorithm suite 0x0578), in frames,
 * so that files of any size pass through in constant memory. The data key comes from the first key's GenerateDataKey; every other key
 * encrypts it once more.
 */
export async function encryptFile(cli: Cli, options: EncryptOptions): Promise<Encrypted> {
  const { source, target } = options;
  const size = source === '-' ? undefined : fileSize(source);
  const file =
    target === '-' ? null : createWholeFile(target, { force: options.force, mode: 0o666 & ~process.umask() });
  try {
    const done = await withKms(cli, options.profile, 'encrypt', async (kms) => {
      const keys = await resolveKeys(kms, options.keys);
      const [generatorKeyId = '', ...keyIds] = keys;
      const { encryptStream } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
      const keyring = new KmsKeyringNode({ clientProvider: supplyClient(kms), generatorKeyId, keyIds });
      const counter = progress(size);
      const input = source === '-' ? process.stdin : createReadStream(source);
      const stage = encryptStream(keyring, { encryptionContext: options.context });
      await through(input, counter, stage, file?.stream ?? process.stdout);
      return { bytes: counter.bytes, keys };
    });
    await file?.keep();
    return done;
  } catch (error) {
    await file?.drop();
    throw asKeyholdError(error);
  }
}

/** Bytes of a regular file; undefined for a pipe or device. */
export function fileSize(path: string): number | undefined {
  const stat = statSync(path);
  return stat.isFile() ? stat.size : undefined;
}
