import { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../draft.ts';
import type { TokenKeySpec, TokenKeyUsage } from '../hsm/pkcs11/protocol.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Found, Thing, Things } from '../things.ts';
import { clusterIdOf } from '../tokens/cluster-id.ts';
import type { TokenBackend } from '../tokens/token-backend.ts';
import { MATERIAL_PREFIX_DIGITS } from './kms-index.ts';
import type { KmsKey, KmsKeyStore, KmsMaterial } from './records.ts';
import type { KeySpec, KeyUsage } from './specs.ts';

const SPECS: { readonly [S in KeySpec]?: TokenKeySpec } = {
  SYMMETRIC_DEFAULT: 'AES_256',
  RSA_2048: 'RSA_2048',
  RSA_3072: 'RSA_3072',
  RSA_4096: 'RSA_4096',
  ECC_NIST_P256: 'EC_P256',
  ECC_NIST_P384: 'EC_P384',
  ECC_NIST_P521: 'EC_P521',
  HMAC_224: 'HMAC_224',
  HMAC_256: 'HMAC_256',
  HMAC_384: 'HMAC_384',
  HMAC_512: 'HMAC_512',
};

/** What a token is to make for such a KMS key; null when keys of this spec or usage cannot be in a token. */
export function tokenKeyKind(spec: KeySpec, usage: KeyUsage): { spec: TokenKeySpec; usage: TokenKeyUsage } | null {
  const tokenSpec = SPECS[spec];
  if (tokenSpec === undefined) return null;
  if (usage === 'KEY_AGREEMENT' || usage === 'ENCAPSULATE_DECAPSULATE') return null;
  return { spec: tokenSpec, usage };
}

/** A material's CKA_ID in its token: the half of its id that ciphertexts carry. */
export function tokenKeyId({ id }: Pick<KmsMaterial, 'id'>): string {
  return id.slice(0, MATERIAL_PREFIX_DIGITS);
}

/** The token that a key store is on. Needs the kind hsmToken; undefined for external key stores, and when the token is gone. */
export function tokenOfStore(things: Things, { backing }: KmsKeyStore): Found<'hsmToken'> | undefined {
  if (backing.type !== 'AWS_CLOUDHSM') return undefined;
  return things.all('hsmToken').find(({ id }) => clusterIdOf(id) === backing.clusterId);
}

/** Those of these keys whose material is in a token of this vault, by that token's record id. Needs KMS_KINDS and hsmToken. */
export function keysByToken(things: Things, keys: readonly KmsKey[]): Map<string, KmsKey[]> {
  const byToken = new Map<string, KmsKey[]>();
  for (const key of keys) {
    if (key.origin !== 'AWS_CLOUDHSM' || key.keyStore === undefined) continue;
    const store = things.get('kmsKeyStore', key.keyStore);
    const token = store === undefined ? undefined : tokenOfStore(things, store);
    if (token !== undefined) byToken.set(token.id, [...(byToken.get(token.id) ?? []), key]);
  }
  return byToken;
}

/** Drafts that these keys' material is to be destroyed in their tokens (`destroyTokenKeys` does it). Needs KMS_KINDS and hsmToken. */
export function draftDestruction(draft: Draft, things: Things, keys: readonly KmsKey[]): void {
  for (const [id, doomed] of keysByToken(things, keys)) {
    const value = things.must('hsmToken', id);
    const ids = doomed.flatMap(({ materials }) => materials.map(tokenKeyId));
    draft.put('hsmToken', id, { ...value, keysToDestroy: [...new Set([...(value.keysToDestroy ?? []), ...ids])] });
  }
}

/**
 * Drafts that what these keys have in tokens is not destroyed after all: they come back, from a file. The caller lets go of it with `keyStoreWork.unwant`, once that is written or
 * is not. Throws `InUse` for one that a token is being asked to destroy. Needs hsmToken.
 */
export function draftSparing(draft: Draft, session: Session, keys: readonly KmsKey[]): void {
  const inTokens = keys.filter(({ origin }) => origin === 'AWS_CLOUDHSM');
  const ids = new Set(inTokens.flatMap(({ materials }) => materials.map(tokenKeyId)));
  if (!session.keyStoreWork.want(ids)) {
    throw new KeyholdError('InUse', 'A key of this account is being destroyed in its token. Try again in a moment.');
  }
  for (const { id, value } of session.things.all('hsmToken')) {
    if (value.keysToDestroy?.some((keyId) => ids.has(keyId)) !== true) continue;
    draft.put('hsmToken', id, without(value, ids));
  }
}

/** Notes that an object of a token belongs to nothing, if it is there at all: a key that could not be written, or whose making was never answered. */
export function forsakeTokenKey(session: Session, token: string, keyId: string): Promise<void> {
  return session.write(
    'daemon',
    (draft) => {
      const value = session.things.get('hsmToken', token);
      if (value !== undefined) {
        draft.put('hsmToken', token, { ...value, keysToDestroy: [...(value.keysToDestroy ?? []), keyId] });
      }
      return () => undefined;
    },
    ['hsmToken'],
  );
}

/** A token whose key store somebody disconnected is left alone until it is connected again, or deleted. */
function mayReach(things: Things, token: Found<'hsmToken'>): boolean {
  const stores = things.all('kmsKeyStore').filter(({ value }) => tokenOfStore(things, value)?.id === token.id);
  return stores.length === 0 || stores.some(({ value }) => value.connected);
}

/** Destroys in their tokens what belonged to deleted KMS keys. What cannot be destroyed now is tried again next time; the person is told once. */
export async function destroyTokenKeys(session: Session, ports: Ports): Promise<void> {
  const work = session.keyStoreWork;
  if (work.destroying) return;
  work.destroying = true;
  try {
    const things = await session.need('hsmToken', 'kmsKey', 'kmsKeyStore');
    const due = things.all('hsmToken').filter((token) => (token.value.keysToDestroy ?? []).length > 0);
    for (const token of due) {
      if (session.closed) return;
      if (mayReach(things, token)) await destroyIn(session, ports, token);
    }
  } finally {
    work.destroying = false;
  }
}

/** What came of a token's list: CKA_IDs. */
interface Outcome {
  destroyed: string[];
  spared: string[];
  /** With why; they stay on the list. */
  refused: Map<string, string>;
}

async function destroyIn(session: Session, ports: Ports, token: Found<'hsmToken'>): Promise<void> {
  const backend = await session.tokens.backend(token.id);
  const work = session.keyStoreWork;
  const outcome: Outcome = { destroyed: [], spared: [], refused: new Map() };
  let at: string | undefined;
  try {
    for (const keyId of inTurn(token.value.keysToDestroy ?? [], work.endedAt.get(token.id))) {
      at = keyId;
      if (isInUse(session.things, keyId)) outcome.spared.push(keyId);
      else if (work.beginDestroying(keyId))
        await destroyOne(backend, keyId, outcome).finally(() => work.endDestroying());
    }
    work.toldOf.delete(token.id);
  } catch (error) {
    if (at !== undefined) work.endedAt.set(token.id, at);
    if (!(error instanceof KeyholdError)) throw error;
    tell(session, ports, token, error);
  }
  tellRefused(session, ports, token, outcome.refused);
  if (outcome.destroyed.length + outcome.spared.length > 0) await forget(session, token.id, outcome);
}

/** The one that ended the round before comes last: a module may hang or crash over that one alone. */
function inTurn(keyIds: readonly string[], endedAt: string | undefined): readonly string[] {
  const after = endedAt === undefined ? 0 : keyIds.indexOf(endedAt) + 1;
  return [...keyIds.slice(after), ...keyIds.slice(0, after)];
}

/**
 * That the token will not destroy this one says nothing about the next; what says that it cannot be reached, or not be logged in to, is thrown. The same codes can mean either: the first
 * of these calls connects the token.
 */
async function destroyOne(backend: TokenBackend, keyId: string, outcome: Outcome): Promise<void> {
  try {
    await backend.destroyKey({ keyId });
  } catch (error) {
    const code = error instanceof KeyholdError ? error.code : undefined;
    const refused = code === 'HsmRefused' || code === 'Unsupported';
    if (error instanceof KeyholdError && refused && backend.connection().state === 'ready') {
      outcome.refused.set(keyId, error.message);
      return;
    }
    // What is not there need not be destroyed.
    if (code !== 'NotFound') throw error;
  }
  outcome.destroyed.push(keyId);
}

/** A key of this vault has its material there: its account has come back since, or what made it was written although it seemed otherwise. */
function isInUse(things: Things, keyId: string): boolean {
  return things.kms.byMaterial(keyId).some(({ value }) => value.origin === 'AWS_CLOUDHSM');
}

function tell(session: Session, ports: Ports, { id, value }: Found<'hsmToken'>, error: KeyholdError): void {
  if (session.closed || session.keyStoreWork.toldOf.has(id)) return;
  session.keyStoreWork.toldOf.add(id);
  ports.log.warn('keys of deleted KMS keys could not be destroyed in their token', {
    token: value.name,
    reason: error.message,
  });
  const message = `Keys of deleted KMS keys are still in the token ${value.name}, and are destroyed as soon as it can be reached. ${error.message}`;
  session.notice('warning', message);
}

function tellRefused(
  session: Session,
  ports: Ports,
  { id, value }: Found<'hsmToken'>,
  refused: ReadonlyMap<string, string>,
): void {
  const { toldOf } = session.keyStoreWork;
  const news = [...refused].filter(([keyId]) => !toldOf.has(`${id} ${keyId}`));
  const [first] = news;
  if (session.closed || first === undefined) return;
  for (const [keyId, reason] of news) {
    toldOf.add(`${id} ${keyId}`);
    ports.log.warn('a token does not destroy the key of a deleted KMS key', { token: value.name, keyId, reason });
  }
  const [keyId, reason] = first;
  const more = news.length === 1 ? '' : ` and ${news.length - 1} more`;
  session.notice(
    'warning',
    `The token ${value.name} does not destroy the key ${keyId}${more} of deleted KMS keys. ${reason} It is asked again each minute; remove what is left with the token’s own tool.`,
  );
}

function forget(session: Session, id: string, done: Pick<Outcome, 'destroyed' | 'spared'>): Promise<void> {
  return session.write(
    'daemon',
    (draft) => {
      const value = session.things.get('hsmToken', id);
      if (value === undefined) return () => undefined;
      // One that was spared may have been given up since.
      const spared = done.spared.filter((keyId) => isInUse(session.things, keyId));
      draft.put('hsmToken', id, without(value, new Set([...done.destroyed, ...spared])));
      if (done.destroyed.length > 0) {
        draft.record('token.destroy-keys', value.name, { reason: done.destroyed.join(' ') });
      }
      return () => undefined;
    },
    ['hsmToken', 'kmsKey'],
  );
}

function without({ keysToDestroy, ...rest }: Thing<'hsmToken'>, ids: ReadonlySet<string>): Thing<'hsmToken'> {
  const left = (keysToDestroy ?? []).filter((keyId) => !ids.has(keyId));
  return left.length === 0 ? rest : { ...rest, keysToDestroy: left };
}
