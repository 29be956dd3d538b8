import { KeyholdError } from '../../contract/errors.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { Scope } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { type Found, keyOf, type Thing } from '../things.ts';
import type { CallContext } from './handler.ts';

/** A profile's vaulted key, ready to sign. */
export interface Signer {
  profile: string;
  account: Thing<'account'>;
  keyId: string;
  keyName: string;
  accessKeyId: string;
  sessionToken: string | undefined;
  /** Hex signature. */
  sign(scope: Scope, stringToSign: string): Promise<string>;
}

/** Throws `HsmRefused` for a disabled key, `TouchRequired` where the profile's gate is not passed. */
export async function signerOf(session: Session, profile: Found<'profile'>): Promise<Signer> {
  const { things, hsm } = session;
  const account = things.must('account', profile.value.account);
  if (account.kind === 'local') {
    throw new KeyholdError(
      'Unsupported',
      `The account ${account.name} lives in this vault: nothing outside takes its signatures. Use keyhold exec ${profile.value.name}.`,
    );
  }
  if (profile.value.gate?.object !== undefined) {
    const purpose = `sign for ${profile.value.name} ${session.newId()}`;
    await hsm.call('passGate', { key: session.objectRef(profile.value.gate.object.id), purpose });
  }
  const keyId = keyOf(profile.value);
  const key = things.must('accessKey', keyId);
  if (key.status === 'disabled') {
    throw new KeyholdError('HsmRefused', `The access key ${key.name} is disabled; enable it or choose another one.`);
  }
  return {
    profile: profile.value.name,
    account,
    keyId,
    keyName: key.name,
    accessKeyId: key.accessKeyId,
    sessionToken: await openToken(session, key),
    async sign(scope, stringToSign) {
      const { signature } = await hsm.call('sigv4Sign', { key: session.objectRef(key.secret.id), scope, stringToSign });
      return signature;
    },
  };
}

/** The session token that AWS wants in a header, where the key has one. */
export async function openToken(session: Session, key: Thing<'accessKey'>): Promise<string | undefined> {
  if (key.token === undefined) return undefined;
  const { token } = await session.hsm.call('openToken', { key: session.objectRef(key.token.id) });
  try {
    return Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString('utf8');
  } finally {
    token.fill(0);
  }
}

/** The audit entry of a signature that leaves Keyhold, written before it is handed out. */
export async function auditSignature(
  { core, actor }: CallContext,
  action: string,
  signer: Signer,
  more: Pick<AuditEvent, 'service' | 'region' | 'method' | 'upstream'>,
): Promise<void> {
  const session = core.session();
  session.usage.noteKey(signer.keyId, {
    at: core.ports.clock.now(),
    ...(more.service === undefined ? {} : { service: more.service }),
    ...(more.region === undefined ? {} : { region: more.region }),
  });
  await session.note(actor, action, signer.keyName, {
    profile: signer.profile,
    account: signer.account.name,
    ...more,
  });
}
