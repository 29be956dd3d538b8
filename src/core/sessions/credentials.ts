import { KeyholdError } from '../../contract/errors.ts';
import type { ObjectRef } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { Found, Thing, Things } from '../things.ts';
import type { Chain } from './chain.ts';

/** What signs for a profile: its access key, or the session that it works with. */
export interface AwsCredentials {
  accessKeyId: string;
  secret: ObjectRef;
  sessionToken?: string;
  /** ms since epoch; of sessions. */
  expiresAt?: number;
  /** Of the role that was assumed. */
  arn?: string;
}

/** The access key at the end of the chain; undefined where there is an origin instead. */
export function keyOfChain(things: Things, chain: Chain): Found<'accessKey'> | undefined {
  const [first] = chain;
  const { key: id, origin } = (chain.at(-1) ?? first).value;
  if (origin !== undefined) return undefined;
  if (id === undefined) {
    throw new KeyholdError('VaultCorrupt', `The profile ${first.value.name} names no access key. Restore a backup.`);
  }
  return { id, value: things.must('accessKey', id) };
}

/** Throws `HsmRefused` for a key that is disabled. */
export function assertEnabled(key: Found<'accessKey'> | undefined): void {
  if (key === undefined || key.value.status === 'active') return;
  const { value } = key;
  throw new KeyholdError('HsmRefused', `The access key ${value.name} is disabled; enable it or choose another one.`);
}

export async function keyCredentials(session: Session, { value }: Found<'accessKey'>): Promise<AwsCredentials> {
  return {
    accessKeyId: value.accessKeyId,
    secret: session.objectRef(value.secret.id),
    ...(value.token === undefined ? {} : { sessionToken: await openToken(session, value.token.id) }),
  };
}

export async function openSession(session: Session, value: Thing<'awsSession'>): Promise<AwsCredentials> {
  return {
    accessKeyId: value.accessKeyId,
    secret: session.objectRef(value.secret.id),
    ...(value.token === undefined ? {} : { sessionToken: await openToken(session, value.token.id) }),
    expiresAt: value.expiresAt,
    ...(value.arn === undefined ? {} : { arn: value.arn }),
  };
}

/** The session token that AWS wants in a header. */
async function openToken(session: Session, id: string): Promise<string> {
  const { token } = await session.hsm.call('openToken', { key: session.objectRef(id) });
  try {
    return Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString('utf8');
  } finally {
    token.fill(0);
  }
}
