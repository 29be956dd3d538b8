import { sha256Hex } from '../sigv4/hash.ts';
import type { Things } from '../things.ts';
import type { Chain } from './chain.ts';
import { heldOrigin } from './origins/origins.ts';

/** What the settings of a chain depend on, for telling whether any of it has changed. */
export function partsOf(things: Things, chain: Chain): readonly unknown[] {
  return chain.flatMap(({ value }) => [
    value,
    things.must('account', value.account),
    value.key === undefined ? undefined : things.must('accessKey', value.key),
    ...(value.origin === undefined ? [] : heldOrigin(value.origin).parts(things)),
  ]);
}

/**
 * A hash of all that decides which credentials AWS gives, and who has to be there for them: a session that was made with other settings is not this profile's any more. Gates of the
 * key and of sources count, so that one that is set does not leave a session behind that was got without it.
 */
export function settingsOf(things: Things, chain: Chain): string {
  const asked = chain.map(({ value }, link) => {
    const { accountId, endpointUrl } = things.must('account', value.account);
    const key = value.key === undefined ? undefined : things.must('accessKey', value.key);
    return [
      accountId,
      endpointUrl,
      key?.accessKeyId,
      key?.gate,
      value.role,
      value.mfaSerial,
      value.sessionSeconds,
      link === 0 ? undefined : value.gate,
      ...(value.origin === undefined ? [] : [heldOrigin(value.origin).settings(things)]),
    ];
  });
  return sha256Hex(Buffer.from(JSON.stringify(asked)));
}
