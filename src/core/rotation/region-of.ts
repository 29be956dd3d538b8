import type { Session } from '../session.ts';

/** IAM and STS are asked where the key is used; where nothing says where that is, where AWS has them at home. */
const HOME_REGION = 'us-east-1';
/** In the host of an endpoint: `sts.cn-north-1.amazonaws.com.cn`. */
const IN_HOST = /(?:^|\.)([a-z]{2,5}(?:-[a-z]+)+-\d)\./;

/**
 * A region of the key's partition: of its own profiles, of others of its account, or of the account's endpoint. An account lives in one partition, so a region of any profile of it
 * leads to the right IAM.
 */
export function regionOf({ things }: Session, key: string): string {
  const account = things.get('accessKey', key)?.account;
  const profiles = things.all('profile');
  const own = profiles.find(({ value }) => value.key === key);
  return own?.value.region ?? (account === undefined ? HOME_REGION : regionOfAccount({ things }, account));
}

export function regionOfAccount({ things }: Pick<Session, 'things'>, account: string): string {
  return knownRegion({ things }, account) ?? HOME_REGION;
}

/** Whether nothing here says which partition of AWS the account is in. */
export function isHomeless({ things }: Pick<Session, 'things'>, account: string): boolean {
  return things.get('account', account)?.endpointUrl === undefined && knownRegion({ things }, account) === undefined;
}

function knownRegion({ things }: Pick<Session, 'things'>, account: string): string | undefined {
  const sibling = things.all('profile').find(({ value }) => value.account === account);
  if (sibling !== undefined) return sibling.value.region;
  const url = things.get('account', account)?.endpointUrl;
  return url === undefined ? undefined : IN_HOST.exec(new URL(url).hostname)?.[1];
}
