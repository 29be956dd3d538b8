import type { FileJob } from '../../contract/files.ts';
import { asKeyholdError } from './kms-error.ts';
import { type AskKms, localKms } from './local-kms.ts';
import { openDecryption } from './open-decryption.ts';
import { openEncryption } from './open-encryption.ts';
import { PartExchange } from './part-exchange.ts';
import { resolveKeys } from './resolve-keys.ts';

/** A file job at its beginning. Everything that knows the Encryption SDK is behind this import. */
export async function openJob(
  job: FileJob,
  accountId: string,
  ask: AskKms,
): Promise<{ exchange: PartExchange; explain(error: unknown): unknown; keys: string[] }> {
  const kms = localKms({ accountId, region: job.region }, ask);
  if (job.direction === 'decrypt') {
    const { stream, explain } = openDecryption(kms, job.context);
    return { exchange: new PartExchange(stream), explain, keys: [] };
  }
  const keys = await resolveKeys(kms, job.keys);
  const stream = openEncryption(kms, keys, job.context);
  return { exchange: new PartExchange(stream), explain: asKeyholdError, keys };
}
