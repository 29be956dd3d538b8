import { Agent } from 'node:https';
import { KMS } from '@aws-sdk/client-kms';
import { KeyholdError } from '../../contract/errors.ts';
import type { Profile } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { issueClientKey } from '../issue-client-key.ts';

/** The KMS of one profile, reached through the door with a client key made for one run. */
export interface KmsSession {
  readonly profile: Profile;
  /** A client for a region; the same one for the same region. */
  client(region: string): KMS;
}

/** Runs `work` with a client key of its own, which is removed afterwards. */
export async function withKms<T>(
  cli: Cli,
  name: string | undefined,
  label: string,
  work: (kms: KmsSession) => Promise<T>,
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
    return await work({
      profile,
      client(region) {
        const kept = clients.get(region) ?? make(region);
        clients.set(region, kept);
        return kept;
      },
    });
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
    if (found === undefined) throw new KeyholdError('NotFound', `There is no profile called ${wanted}.`);
    return found;
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
