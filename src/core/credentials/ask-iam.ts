import { KeyholdError } from '../../contract/errors.ts';
import type { CallContext } from '../api/handler.ts';
import type { AwsIam, IamSigner } from '../rotation/aws-iam.ts';
import { isFault } from '../rotation/faults.ts';
import { haltOf } from '../rotation/halt-of.ts';
import { whoIs } from '../rotation/look-around.ts';
import { patiently } from '../rotation/patience.ts';
import { isHomeless, regionOf } from '../rotation/region-of.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';

/** IAM, asked by the user of an access key about what is that user's. */
export interface Asking {
  iam: AwsIam;
  userName: string;
  /** A call that may be made twice. */
  ask<T>(work: (signer: IamSigner) => Promise<T>): Promise<T>;
  /** One that may not. */
  once<T>(work: (signer: IamSigner) => Promise<T>): Promise<T>;
}

/** Kinds of records that have to be read before. */
export const ASKING_KINDS = ['accessKey', 'account', 'profile', 'awsSession', 'otpDevice'] as const;

/**
 * Who the key is, and a way to ask as that user: with the key itself, and where IAM refuses that, with the MFA session of a profile that has this key, if there is one. Throws what AWS refuses
 * it with, as a sentence.
 */
export async function askIam(call: CallContext, key: Found<'accessKey'>): Promise<Asking> {
  const { core } = call;
  const session = core.session();
  const { clock } = core.ports;
  const iam = core.shell.awsIam;
  const account = session.things.must('account', key.value.account);
  const { accessKeyId, secret } = key.value;
  requireUsable(key);
  const direct = (): IamSigner => {
    core.rotations.ownCalls.note(accessKeyId, clock.now());
    const region = regionOf(session, key.id);
    return { session, account, region, accessKeyId, secret: session.objectRef(secret.id) };
  };
  const homeless = isHomeless(session, key.value.account);
  const lookout = { clock, iam, accountId: account.accountId, accessKeyId, homeless, direct };
  const { name: userName } = await inWords('the user', () => whoIs(lookout));
  const once = <T>(work: (signer: IamSigner) => Promise<T>): Promise<T> =>
    inWords(userName, async () => {
      try {
        return await work(direct());
      } catch (error) {
        const signer = isFault(error, 'denied') ? await withMfa(session, key.id, direct()) : undefined;
        if (signer === undefined) throw error;
        return await work(signer);
      }
    });
  return { iam, userName, once, ask: (work) => once((signer) => patiently(clock, () => work(signer))) };
}

function requireUsable({ value: { name, token, status } }: Found<'accessKey'>): void {
  if (token !== undefined) {
    throw new KeyholdError('InvalidInput', `key: ${name} is temporary; take the access key of an IAM user.`);
  }
  if (status !== 'active')
    throw new KeyholdError('InvalidInput', `key: ${name} is disabled in the vault. Enable it first.`);
}

/** The session of a profile that has this key and the user’s MFA device. Undefined where there is no such profile. */
async function withMfa(session: Session, key: string, direct: IamSigner): Promise<IamSigner | undefined> {
  const { things } = session;
  const profile = things
    .all('profile')
    .find(({ value }) => value.key === key && value.mfaSerial !== undefined && value.role === undefined);
  if (profile === undefined) return undefined;
  await session.broker.credentials(profile.id);
  const held = things.sessionOf(profile.id)?.value;
  if (held === undefined) return undefined;
  const { accessKeyId, secret, token } = held;
  const signer = { ...direct, accessKeyId, secret: session.objectRef(secret.id) };
  return token === undefined ? signer : { ...signer, token: session.objectRef(token.id) };
}

/** The error stays the cause: whether the call may have been done follows from it. */
async function inWords<T>(user: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const halt = haltOf(error, user);
    if (halt === null) throw error;
    const details = error instanceof KeyholdError ? error.details : undefined;
    throw new KeyholdError(halt.why === 'network' ? 'Unreachable' : 'ServiceRefused', halt.message, details, {
      cause: error,
    });
  }
}

/** What AWS's client threw, of an error of `Asking`. */
export function thrownByAws(error: unknown): unknown {
  return error instanceof KeyholdError ? (error.cause ?? error) : error;
}
