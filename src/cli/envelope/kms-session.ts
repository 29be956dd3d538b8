import { Agent } from 'node:https';
import { KMS } from '@aws-sdk/client-kms';
import { KeyholdError } from '../../contract/errors.ts';
import type { Profile } from '../../contract/schemas.ts';
import type { EnvelopeKms } from '../../daemon/envelope/envelope-kms.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { issueClientKey } from '../issue-client-key.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { supplyClient } from './supply-client.ts';

/** Runs `work` with the KMS of one profile, reached through the door with a client key that is removed afterwards. */
export async function withKms<T>(
  cli: Cli,
  name: string | undefined,
  label: string,
  work: (kms: EnvelopeKms) => Promise<T>,
): Promise<T> {
  const profile = await chooseProfile(cli, name);
  const key = await issueClientKey(cli, { profile: profile.name, purpose: 'exec', label });
  const clients = new Map<string, KMS>();
  const make = (region: string): KMS =>
    new KMS({
      region,
      endpoint: key.endpoint,
      credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
      ...(key.caBundle === undefined ? {} : { requestHandler: { httpsAgent: new Agent({ ca: key.caBundle }) } }),
    });
  try {
    const client = (region: string): KMS => {
      const kept = clients.get(region) ?? make(region);
      clients.set(region, kept);
      return kept;
    };
    const kms: EnvelopeKms = {
      accountId: profile.accountId,
      region: profile.region,
      supply: supplyClient(client),
      findKey: async (region, KeyId) => (await client(region).describeKey({ KeyId })).KeyMetadata?.Arn,
    };
    // A gate may want a touch of these requests, and nobody else at this terminal says so.
    return await withPrompts(cli, ['gate'], () => work(kms), key.client.name);
  } finally {
    for (const client of clients.values()) client.destroy();
    await cli.call('client.remove', { name: key.client.name }).catch(() => {
      cli.note(`keyhold: the client ${key.client.name} could not be removed now; it expires by itself.`);
    });
  }
}

/** The profile named, else AWS_PROFILE's, else the only one there is. */
async function chooseProfile(cli: Cli, name: string | undefined): Promise<Profile> {
  const { profiles } = await cli.call('profile.list', {});
  const wanted = name ?? process.env['AWS_PROFILE'];
  if (wanted !== undefined && wanted !== '') {
    const found = profiles.find((profile) => profile.name.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined) return found;
    const why = name === undefined ? ' AWS_PROFILE names it; --profile names another.' : ' See keyhold profile list.';
    throw new KeyholdError('NotFound', `There is no profile called ${wanted}.${why}`);
  }
  const [only, ...others] = profiles;
  if (only !== undefined && others.length === 0) return only;
  if (only === undefined) {
    throw new KeyholdError(
      'NotFound',
      'There is no profile yet. Make a local account: keyhold account add lab --local --id 123456789012',
    );
  }
  const names = profiles.slice(0, 6).map((profile) => profile.name);
  throw usageError(
    `Say with --profile whose KMS to use: ${names.join(', ')}${profiles.length > names.length ? ', …' : ''}.`,
  );
}
