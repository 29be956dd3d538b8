import { wipe } from '../crypto/wipe.ts';
import type { Draft } from '../draft.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { Made } from './adapters/adapter.ts';
import { asUser } from './as-user.ts';
import { atOf } from './ask-adapter.ts';
import { isFault } from './faults.ts';
import { type RotationRecord, withEvidence } from './record.ts';
import { journal, now, type Run, recordOf } from './run.ts';

type Fresh = NonNullable<RotationRecord['fresh']>;
/** Into the draft of the transaction that journals it. */
type Keep = (record: RotationRecord, draft: Draft) => Promise<Fresh['secret']>;

/**
 * Puts the new secret into the vault, with the policy and the gate of the old one, in one transaction with the journal. Where that fails, nobody will ever have it: what was made is deleted
 * at once, and otherwise when the rotation goes on. What was in the vault before IAM was asked is found again.
 */
export async function store(run: Run, made: Made): Promise<void> {
  const { id, secret, createdAt, shown, expiresAt } = made;
  try {
    const keep = secret === undefined ? keepPrepared : await sealed(run, id, secret);
    await journal(run, async (before, draft) => {
      const kept = await keep(before, draft);
      const { creating: _made, prepared: _kept, ...record } = before;
      draft.record('rotation.create', record.keyName, { account: record.accountName, reason: id });
      return {
        ...withEvidence(record, now(run), `${id} is made, and its secret is in the vault.`),
        step: 'verify',
        fresh: {
          ...{ accessKeyId: id, secret: kept, createdAt },
          ...(shown === undefined ? {} : { shown }),
          ...(expiresAt === undefined ? {} : { expiresAt }),
        },
      };
    });
  } catch (error) {
    if (!run.session.closed && secret !== undefined) await undo(run, id, error);
    throw error;
  } finally {
    wipe(secret);
  }
}

async function keepPrepared({ prepared }: RotationRecord): Promise<Fresh['secret']> {
  if (prepared === undefined) throw new Error('what was made has no secret here');
  return prepared.secret;
}

async function sealed(run: Run, label: string, secret: Uint8Array): Promise<Keep> {
  const { session, adapter } = run;
  if (adapter.kept === null) throw new Error('this kind is not given a secret');
  const { purpose, ...kept } = adapter.kept;
  const given = await sealForHsm(session.hsm, purpose, secret);
  return async (record, draft) => {
    const { attributes: old } = await session.hsm.call('objectInfo', { key: session.objectRef(record.old.secret.id) });
    const { attributes, blob } = await session.hsm.call('importObject', {
      id: session.newId(),
      sealed: given,
      purpose,
      attributes: { ...kept, extractable: false, label, createdAt: now(run), policy: old.policy },
    });
    draft.putObject(attributes.id, 1, blob);
    return { id: attributes.id };
  };
}

async function undo(run: Run, id: string, cause: unknown): Promise<void> {
  const { log } = run.call.core.ports;
  log.error('what was newly made could not be stored and is deleted again', { id, error: cause });
  try {
    await asUser(run, (signer) => run.adapter.remove(atOf(run, signer), id));
  } catch (error) {
    if (isFault(error, 'missing')) return;
    log.warn('it is deleted when the rotation goes on', { id, rotation: recordOf(run).keyName, error });
  }
}
