import { KeyholdError } from '../../contract/errors.ts';
import { equal } from '../crypto/equal.ts';
import type { Things } from '../things.ts';
import { touchableKeys } from './enrolled-keys.ts';
import { allGated } from './gated-things.ts';

/** Before these credentials are lost for good. Throws `InUse` where something has a gate that nothing else opens. Of use once GATED_KINDS have been read. */
export function refuseLastKey(things: Things, lost: readonly Uint8Array[], device: string): void {
  const keys = touchableKeys(things).map(({ object, record }) => {
    const credentialId = Buffer.from(record.value.credentialId, 'base64');
    return { object, goes: lost.some((one) => equal(one, credentialId)) };
  });
  const closed = allGated(things).filter(({ gate }) => {
    const takes = keys.filter(({ object }) => gate?.keys === 'any' || gate?.keys.includes(object) === true);
    return takes.length > 0 && takes.every(({ goes }) => goes);
  });
  if (closed.length === 0) return;
  const names = closed.map(({ name }) => name).join(', ');
  throw new KeyholdError(
    'InUse',
    `Only ${device} opens the gates of ${names}. Let another security key open them, or remove the gates, first.`,
    { dependents: closed.map(({ name }) => name) },
  );
}
