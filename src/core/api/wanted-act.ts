import { KeyholdError } from '../../contract/errors.ts';
import type { QuorumAct } from '../../contract/hsm-users.ts';
import { gateByNames } from '../gates/gate-by-names.ts';
import type { RecordSealed, WantedAct } from '../hsm/protocol.ts';
import { keyArn } from '../kms/arn.ts';
import { isGone } from '../kms/key-state.ts';
import type { FoundKey } from '../kms/records.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import type { Session } from '../session.ts';
import type { Things } from '../things.ts';
import { publicKeyDer } from './public-key-der.ts';

/** What a token is asked for, with the records of the objects that it is about. Throws `NotFound`, `InvalidInput`. */
export async function wantedAct(session: Session, act: QuorumAct, now: number): Promise<WantedAct> {
  if (act.do === 'add-user') return { ...act, publicKey: publicKeyDer(act.publicKey) };
  if (act.do === 'remove-user' || act.do === 'set-quorum') return act;
  if (act.do === 'set-key-use' || act.do === 'make-recovery-code') return act;
  if (act.do === 'set-approval-touch') {
    return { ...act, touch: act.touch === null ? null : gateByNames(await session.need('securityKey'), act.touch) };
  }
  const things = await session.need('account', ...KMS_KINDS);
  const { target, keys } = keysOf(things, act, now);
  const ids = new Set(
    keys.flatMap(({ value }) => value.materials.flatMap(({ object }) => (object === undefined ? [] : [object.id]))),
  );
  const objects: RecordSealed[] = session.vault.objectRecords([...ids]);
  return { do: act.do, target, objects };
}

function arnOf(things: Things, { value }: FoundKey): string {
  return keyArn(things.must('account', value.account).accountId, value.region, value.keyId);
}

function keysOf(
  things: Things,
  { keys, account: name }: { keys?: string[] | undefined; account?: string | undefined },
  now: number,
): { target: string; keys: FoundKey[] } {
  const all = [...things.kms.keys()];
  if (keys !== undefined && name === undefined) {
    const found = keys.map((arn) => {
      const key = all.find((one) => arnOf(things, one) === arn);
      if (key !== undefined) return key;
      throw new KeyholdError('NotFound', `There is no KMS key ${arn} in this vault. Give its ARN.`);
    });
    const [first, ...others] = keys;
    return { target: others.length === 0 ? `${first}` : `${first} and ${others.length} more`, keys: found };
  }
  if (keys === undefined && name !== undefined) {
    const account = things.byName('account', name);
    // Those whose time is over are destroyed with the others.
    const own = all.filter(({ value }) => value.account === account.id);
    const alive = own.filter(({ value }) => !isGone(value, now)).length;
    const target = `all keys of the account ${account.value.name} (${account.value.accountId}), ${alive} in use`;
    return { target, keys: own };
  }
  throw new KeyholdError('InvalidInput', 'Name KMS keys by their ARNs, or an account: one of them.');
}
