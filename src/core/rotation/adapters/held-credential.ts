import type { IamCredential } from '../../credentials/record.ts';
import type { Draft } from '../../draft.ts';
import { Halt } from '../halt.ts';
import { listedKey } from '../listed-key.ts';
import type { RotationRecord } from '../record.ts';
import { type Run, recordOf } from '../run.ts';
import type { Adapter, Held } from './adapter.ts';

/** The credential's record, which has to be the one with this id. Throws `Halt`. */
export function requireCredential(
  { session }: Pick<Run, 'session'>,
  { credential }: RotationRecord,
  credentialId: string,
): { id: string; value: IamCredential } {
  const value = credential === undefined ? undefined : session.things.get('credential', credential.id);
  if (credential === undefined || value === undefined || value.type === 'smtp') {
    const name = credential?.name ?? 'The credential';
    throw new Halt('changed', `${name} is not in the vault any more. Look at its user in IAM.`);
  }
  if (value.credentialId === credentialId) return { id: credential.id, value };
  throw new Halt(
    'changed',
    `${value.name} has become ${value.credentialId ?? 'another one'} in the vault meanwhile, not by this rotation. Look at its user in IAM, and roll back if nothing else helps.`,
  );
}

/** IAM's list is all there is to ask: none of these signs anything here. */
async function isListedActive(run: Run, id: string | undefined): Promise<boolean> {
  return id !== undefined && (await listedKey(run, id))?.active === true;
}

/** What credentials of IAM that are no access keys have in common. */
export const OF_CREDENTIALS: Pick<Adapter, 'lastUsed' | 'verify' | 'verified' | 'worksAgain' | 'requireCurrent'> = {
  lastUsed: null,
  verified: 'is listed by IAM, and active',
  verify: (run) => isListedActive(run, recordOf(run).fresh?.accessKeyId),
  worksAgain: (run) => isListedActive(run, recordOf(run).old.accessKeyId),
  requireCurrent: (run, record, id) => void requireCredential(run, record, id),
};

export function put(draft: Draft, id: string, value: IamCredential, { issuedAt }: Held): string {
  const { issuedAt: _before, ...rest } = value;
  draft.put('credential', id, issuedAt === undefined ? rest : { ...rest, issuedAt });
  return value.name;
}
