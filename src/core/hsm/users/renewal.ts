import { equal } from '../../crypto/equal.ts';
import { wipe } from '../../crypto/wipe.ts';
import { type HsmObject, openObject } from '../object.ts';
import type { ObjectAttributes } from '../protocol.ts';
import type { RecordName } from '../sealed-record.ts';
import type { VaultKeys } from '../state.ts';

/** An object of these has the same bytes, for the same uses, for at least as long: nothing is lost when it takes the other's place. */
export function isRenewed(
  keys: VaultKeys,
  { attributes, material }: HsmObject,
  added: readonly (RecordName & { sealed: Uint8Array })[],
): boolean {
  return added.some(({ id, version, sealed }) => {
    const next = openObject(keys, id, version, sealed);
    try {
      return next !== null && servesAs(next.attributes, attributes) && equal(next.material, material);
    } finally {
      wipe(next?.material);
    }
  });
}

function servesAs(next: ObjectAttributes, before: ObjectAttributes): boolean {
  // A gate keeps nobody from the bytes who could get to them before.
  const { notAfter, mfa: _gate, ...limits } = next.policy;
  return (
    next.class === before.class &&
    next.spec === before.spec &&
    before.usage.every((one) => next.usage.includes(one)) &&
    Object.keys(limits).length === 0 &&
    (notAfter === undefined || (before.policy.notAfter !== undefined && notAfter >= before.policy.notAfter))
  );
}
