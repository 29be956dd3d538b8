import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { AuditEvent } from '../../contract/schemas.ts';
import type { Scope } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { chainOf } from '../sessions/chain.ts';
import { assertEnabled, keyCredentials, keyOfChain } from '../sessions/credentials.ts';
import type { Found, Thing } from '../things.ts';
import type { CallContext } from './handler.ts';

/** What a profile signs with, ready to sign. */
export interface Signer {
  profile: string;
  account: Thing<'account'>;
  /** The access key that signs, or that the session was got with, where there is one. */
  keyId: string | undefined;
  /** What the audit says signed: the key's name, or the profile's. */
  name: string;
  accessKeyId: string;
  sessionToken: string | undefined;
  /** Signatures are good for nothing after it (ms since epoch). */
  endsAt: number | undefined;
  /** Of a session. */
  session: Pick<AuditEvent, 'sessionKeyId' | 'assumedRole'>;
  /** Hex signature. */
  sign(scope: Scope, stringToSign: string): Promise<string>;
}

/**
 * `only` is the record of an access key that signs in the place of what the profile works with, without the profile's gate. Throws `HsmRefused` for a disabled key,
 * `TouchRequired` where the profile's gate is not passed, and why there is no session where it works with one.
 */
export async function signerOf(session: Session, profile: Found<'profile'>, only?: string): Promise<Signer> {
  const { things, hsm } = session;
  const account = things.must('account', profile.value.account);
  if (account.kind === 'local') {
    throw new KeyholdError(
      'Unsupported',
      `The account ${account.name} lives in this vault: nothing outside takes its signatures. Use keyhold exec ${quotedName(profile.value.name)}.`,
    );
  }
  const { gate } = profile.value;
  if (gate?.object !== undefined && only === undefined) {
    const purpose = `sign for ${profile.value.name} ${session.newId()}`;
    await hsm.call('passGate', { key: session.objectRef(gate.object.id), purpose });
  }
  const key =
    only === undefined
      ? keyOfChain(things, chainOf(things, profile))
      : { id: only, value: things.must('accessKey', only) };
  assertEnabled(key);
  const credentials =
    only === undefined || key === undefined
      ? await session.broker.credentials(profile.id)
      : await keyCredentials(session, key);
  return {
    profile: profile.value.name,
    account: only === undefined || key === undefined ? account : things.must('account', key.value.account),
    keyId: key?.id,
    name: key?.value.name ?? profile.value.name,
    accessKeyId: credentials.accessKeyId,
    sessionToken: credentials.sessionToken,
    endsAt: credentials.expiresAt,
    session:
      credentials.expiresAt === undefined
        ? {}
        : {
            sessionKeyId: credentials.accessKeyId,
            ...(credentials.arn === undefined ? {} : { assumedRole: credentials.arn }),
          },
    async sign(scope, stringToSign) {
      const { signature } = await hsm.call('sigv4Sign', { key: credentials.secret, scope, stringToSign });
      return signature;
    },
  };
}

/** The audit entry of a signature that leaves Keyhold, written before it is handed out. */
export async function auditSignature(
  { core, actor }: CallContext,
  action: string,
  signer: Signer,
  more: Pick<AuditEvent, 'service' | 'region' | 'method' | 'upstream'>,
): Promise<void> {
  const session = core.session();
  if (signer.session.sessionKeyId === undefined && signer.keyId !== undefined) {
    session.usage.noteKey(signer.keyId, {
      at: core.ports.clock.now(),
      ...(more.service === undefined ? {} : { service: more.service }),
      ...(more.region === undefined ? {} : { region: more.region }),
    });
  }
  await session.note(actor, action, signer.name, {
    profile: signer.profile,
    account: signer.account.name,
    ...signer.session,
    ...more,
  });
}
