import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buildClient, CommitmentPolicy, KmsKeyringNode, type MessageHeader } from '@aws-crypto/client-node';
import { KeyholdError } from '../../contract/errors.ts';
import type { Cli } from '../cli.ts';
import { fileSize } from './encrypt-file.ts';
import { missingFrom } from './encryption-context.ts';
import { asKeyholdError } from './kms-error.ts';
import { withKms } from './kms-session.ts';
import { progress } from './progress.ts';
import { supplyClient } from './supply-client.ts';
import { through } from './through.ts';
import { createWholeFile } from './whole-file.ts';

/** Wrapped data keys a message may carry; each costs a call to the KMS. */
const MOST_DATA_KEYS = 25;

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
      const { decryptStream } = buildClient({
        commitmentPolicy: CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
        maxEncryptedDataKeys: MOST_DATA_KEYS,
      });
      const partition = partitionOf(kms.profile.region);
      const keyring = new KmsKeyringNode({
        clientProvider: supplyClient(kms),
        discovery: true,
        discoveryFilter: { accountIDs: [kms.profile.accountId], partition },
      });
      const plain = decryptStream(keyring);
      let context: Record<string, string> = {};
      plain.once('MessageHeader', (header: MessageHeader) => {
        context = { ...header.encryptionContext };
        const missing = missingFrom(context, options.context);
        if (missing === null) return;
        plain.emit(
          'error',
          new KeyholdError('InvalidCiphertext', `The file was not encrypted with the context ${missing}.`),
        );
      });
      const input = source === '-' ? process.stdin : createReadStream(source);
      await through(input, progress(size), plain, file.stream);
      return { bytes: file.stream.bytesWritten, context };
    });
    await file.keep();
    return done;
  } catch (error) {
    await file.drop();
    throw asKeyholdError(error);
  }
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
