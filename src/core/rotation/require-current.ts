import type { Thing } from '../things.ts';
import { Halt } from './halt.ts';
import type { RotationRecord } from './record.ts';
import { type Run, vaultedKey } from './run.ts';

/** The vault's access key, which has to be the one that the journal says. Throws `Halt`. */
export function requireCurrent(run: Run, record: RotationRecord, accessKeyId: string): Thing<'accessKey'> {
  const value = vaultedKey(run, record);
  if (value.accessKeyId === accessKeyId) return value;
  throw new Halt(
    'changed',
    `${value.name} has become ${value.accessKeyId} in the vault meanwhile, not by this rotation. Look at its user in IAM, and roll back if nothing else helps.`,
  );
}
