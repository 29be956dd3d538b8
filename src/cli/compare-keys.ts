import type { FoundAws, FoundKey } from '../client/import/aws-files.ts';
import type { VaultContents } from '../client/import/plan.ts';
import type { Cli } from './cli.ts';

type VaultKey = VaultContents['keys'][number];

/** Asks the vault which of the found keys it holds, secret and session token included: an access key id alone says nothing about them. */
export async function compareKeys(
  cli: Cli,
  found: FoundAws,
  keys: readonly VaultKey[],
): Promise<VaultContents['matches']> {
  const same = new Map<FoundKey, Set<string>>();
  for (const { key } of found.profiles) {
    if (key === undefined) continue;
    const names = new Set<string>();
    for (const { name } of keys.filter((one) => one.accessKeyId === key.accessKeyId)) {
      if (await isSame(cli, name, key)) names.add(name);
    }
    same.set(key, names);
  }
  return (key, name) => same.get(key)?.has(name) === true;
}

async function isSame(cli: Cli, name: string, key: FoundKey): Promise<boolean> {
  const { matches } = await cli.callSealed('key.matches', async (seal) => ({
    name,
    secretAccessKey: await seal('secret-access-key', key.secretAccessKey),
    ...(key.sessionToken === undefined ? {} : { sessionToken: await seal('session-token', key.sessionToken) }),
  }));
  return matches;
}
