import { wipe } from '../crypto/wipe.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import { asUser } from './as-user.ts';
import { isFault } from './faults.ts';
import { withEvidence } from './record.ts';
import { journal, now, type Run, recordOf, userOf } from './run.ts';

export interface Created {
  accessKeyId: string;
  /** Wiped once it is stored, or could not be. */
  secret: Uint8Array;
  createdAt: number;
}

/**
 * Puts the new secret into the vault, with the policy and the gate of the old one, in one transaction with the journal. Where that fails, nobody will ever have it: the key is deleted at
 * once, and otherwise when the rotation goes on.
 */
export async function store(run: Run, created: Created): Promise<void> {
  const { session } = run;
  const { accessKeyId, createdAt } = created;
  try {
    const sealed = await sealForHsm(session.hsm, 'secret-access-key', created.secret);
    await journal(run, async ({ creating: _made, ...record }, draft) => {
      const { attributes: old } = await session.hsm.call('objectInfo', {
        key: session.objectRef(record.old.secret.id),
      });
      const { attributes, blob } = await session.hsm.call('importObject', {
        id: session.newId(),
        sealed,
        purpose: 'secret-access-key',
        attributes: {
          class: 'secret-key',
          spec: 'AWS_SECRET_ACCESS_KEY',
          usage: ['sigv4'],
          extractable: false,
          label: accessKeyId,
          createdAt: now(run),
          policy: old.policy,
        },
      });
      draft.putObject(attributes.id, 1, blob);
      draft.record('rotation.create', record.keyName, { account: record.accountName, reason: accessKeyId });
      return {
        ...withEvidence(record, now(run), `${accessKeyId} is made, and its secret is in the vault.`),
        step: 'verify',
        fresh: { accessKeyId, secret: { id: attributes.id }, createdAt },
      };
    });
  } catch (error) {
    if (!session.closed) await undo(run, accessKeyId, error);
    throw error;
  } finally {
    wipe(created.secret);
  }
}

async function undo(run: Run, accessKeyId: string, cause: unknown): Promise<void> {
  const { log } = run.call.core.ports;
  log.error('a new access key could not be stored and is deleted again', { accessKeyId, error: cause });
  try {
    await asUser(run, (signer) => run.iam.deleteAccessKey(signer, { userName: userOf(run).name, accessKeyId }));
  } catch (error) {
    if (isFault(error, 'missing')) return;
    log.warn('it is deleted when the rotation goes on', { accessKeyId, rotation: recordOf(run).keyName, error });
  }
}
