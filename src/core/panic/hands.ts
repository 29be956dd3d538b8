import type { IamSigner } from '../rotation/aws-iam.ts';
import { regionOf, regionOfAccount } from '../rotation/region-of.ts';
import { rotationUnderWay } from '../rotation/rotations-of-key.ts';
import type { Session } from '../session.ts';
import type { PanicRecord } from './record.ts';
import { now, type PanicRun, recordOf } from './run.ts';

/** Credentials of an account that may be used for a panic's calls, also where they are switched off in the vault by it. */
export interface Hand {
  accessKeyId: string;
  account: string;
  /** ARN of the user whose they are, where that is known. */
  user?: string;
  /** The access key's record. */
  key?: string;
  /** ARN of the role that was assumed. */
  role?: string;
  /** A session: once its user or role refuses those of before the cutoff, it does nothing more. */
  session: boolean;
  /** AWS takes them no more. */
  off: boolean;
  /** They may not do it for other users. */
  ownOnly: boolean;
  signer(): IamSigner;
}

type Credentials = { accessKeyId: string; secret: { id: string }; token?: { id: string } | undefined };

/** In the order in which they are tried: keys, and then sessions, which may end with the first refusal. */
export function handsOf(run: PanicRun, account: string): Hand[] {
  const record = recordOf(run);
  const keys = keyHands(run.session, record, account);
  return [
    ...(run.quiet === true ? keys.filter((hand) => !wantsTouch(run, hand)) : keys),
    ...sessionHands(run, record, account),
  ];
}

export function wantsTouch({ session }: PanicRun, { key }: Hand): boolean {
  return key !== undefined && session.things.get('accessKey', key)?.gate !== undefined;
}

function keyHands(session: Session, record: PanicRecord, account: string): Hand[] {
  const { things } = session;
  const hands: Hand[] = [];
  const add = (key: string, credentials: Credentials): void => {
    if (hands.some(({ accessKeyId }) => accessKeyId === credentials.accessKeyId)) return;
    const user = record.keys.find((one) => one.key === key)?.user?.arn;
    hands.push({
      ...makeHand(session, account, regionOf(session, key), credentials),
      key,
      ...(user === undefined ? {} : { user }),
    });
  };
  for (const { id, value } of things.all('accessKey')) {
    if (value.account !== account) continue;
    const aim = record.keys.find(({ key }) => key === id);
    // What a person had switched off before signs nothing, for a panic neither.
    if (aim === undefined ? value.status !== 'active' : !aim.wasActive) continue;
    const { accessKeyId, secret, token } = value;
    add(id, { accessKeyId, secret, ...(token === undefined ? {} : { token }) });
    const rotation = rotationUnderWay(things, id);
    for (const spare of [rotation?.value.fresh, rotation?.value.old]) {
      if (spare !== undefined) add(id, { accessKeyId: spare.accessKeyId, secret: spare.secret });
    }
  }
  return hands;
}

function sessionHands(run: PanicRun, record: PanicRecord, account: string): Hand[] {
  // What was removed since has no place to be asked at.
  if (run.session.things.get('account', account) === undefined) return [];
  return record.sessions.flatMap((held) => {
    if (held.account !== account || held.expiresAt <= now(run)) return [];
    const user = held.role === undefined ? record.keys.find(({ key }) => key === held.key)?.user?.arn : undefined;
    return {
      ...makeHand(run.session, account, regionOfAccount(run.session, account), held),
      ...(user === undefined ? {} : { user }),
      ...(held.role === undefined ? {} : { role: held.role }),
    };
  });
}

export function makeHand(session: Session, account: string, region: string, credentials: Credentials): Hand {
  const { accessKeyId, secret, token } = credentials;
  return {
    accessKeyId,
    account,
    session: token !== undefined,
    off: false,
    ownOnly: false,
    signer: () => ({
      session,
      account: session.things.must('account', account),
      region,
      accessKeyId,
      secret: session.objectRef(secret.id),
      ...(token === undefined ? {} : { token: session.objectRef(token.id) }),
    }),
  };
}
