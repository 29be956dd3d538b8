import type { Credential } from '../../contract/credentials.ts';
import { fromBase64, toBase64 } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/sha256.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { credentialDueAt } from '../rotation/due-at.ts';
import type { RotationRecord } from '../rotation/record.ts';
import { isGoingBack } from '../rotation/view.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import { isComplete } from './record.ts';

/** Kinds of records that have to be read before. */
export const CREDENTIAL_KINDS = ['credential', 'accessKey', 'account', 'rotation'] as const;

export function viewCredential(things: Things, { id, value }: Found<'credential'>): Credential {
  const { name, type, note, createdAt } = value;
  const key = things.must('accessKey', value.key);
  const common = {
    ...{ id, name, type, note, createdAt: instant(createdAt), key: key.name },
    account: things.must('account', key.account).name,
    ...dyingOf(things, { id, value }),
  };
  if (value.type === 'smtp') {
    // What a mail program gives as its user is the access key's id.
    return { ...common, state: 'ready', region: value.region, userName: key.accessKeyId };
  }
  const due = credentialDueAt(things, value);
  return omitUndefined({
    ...common,
    state: isComplete(value) ? ('ready' as const) : ('unfinished' as const),
    credentialId: value.credentialId,
    issuedAt: value.issuedAt === undefined ? undefined : instant(value.issuedAt),
    maxAgeDays: value.maxAgeDays,
    dueAt: due === undefined ? undefined : instant(due),
    ...(value.type === 'service'
      ? {
          service: value.service,
          userName: value.userName,
          expiresAt: value.expiresAt === undefined ? undefined : instant(value.expiresAt),
        }
      : // CodeCommit takes the key's id as the user.
        { userName: value.credentialId, publicKey: value.publicKey, fingerprint: fingerprintOf(value.publicKey) }),
  });
}

/** What tools may still have, after a rotation has put another in its place. */
function dyingOf(things: Things, { id, value: { type, key } }: Found<'credential'>): Pick<Credential, 'dying'> {
  const isIts = (record: RotationRecord): boolean =>
    type === 'smtp' ? record.credential === undefined && record.key === key : record.credential?.id === id;
  const rotation = things.all('rotation').find(({ value }) => isIts(value) && value.outcome === undefined)?.value;
  if (rotation?.switchedAt === undefined || isGoingBack(rotation)) return {};
  const { old, quarantineUntil } = rotation;
  const userName = type === 'service' ? old.shown : old.accessKeyId;
  return {
    dying: omitUndefined({
      credentialId: old.accessKeyId,
      userName,
      until: quarantineUntil === undefined ? undefined : instant(quarantineUntil),
    }),
  };
}

/** As `ssh-keygen -l` shows it; undefined for what is no public key of ssh. */
function fingerprintOf(publicKey: string): string | undefined {
  const blob = fromBase64(publicKey.split(' ')[1] ?? '');
  return blob === null ? undefined : `SHA256:${toBase64(sha256(blob)).replace(/=+$/, '')}`;
}
