import { sha256Hex } from '../sigv4/hash.ts';
import type { Things } from '../things.ts';
import type { Chain } from './chain.ts';

/** What the settings of a chain depend on, for telling whether any of it has changed. */
export function partsOf(things: Things, chain: Chain): readonly unknown[] {
  return chain.flatMap(({ value }) => [
    value,
    things.must('account', value.account),
    value.key === undefined ? undefined : things.must('accessKey', value.key),
  ]);
}

/** A hash of all that decides which credentials AWS gives: a session that was made with other settings is not this profile's any more. */
export function settingsOf(things: Things, chain: Chain): string {
  const asked = chain.map(({ value }) => {
    const { accountId, endpointUrl } = things.must('account', value.account);
    const key = value.key === undefined ? undefined : things.must('accessKey', value.key).accessKeyId;
    return [accountId, endpointUrl, key, value.role, value.mfaSerial, value.sessionSeconds];
  });
  return sha256Hex(Buffer.from(JSON.stringify(asked)));
}
