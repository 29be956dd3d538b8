import type { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { IAM_RECORDS } from './directory/records.ts';
import { KmsIndex } from './kms/kms-index.ts';
import { KMS_RECORDS } from './kms/records.ts';
import { foldName, suggestNames } from './names.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';

export type ThingKind = keyof typeof RECORD_SCHEMAS;
export type Thing<K extends ThingKind> = z.output<(typeof RECORD_SCHEMAS)[K]>;
export type Found<K extends ThingKind> = { id: string; value: Thing<K> };

/** Kinds a person names. */
const NOUNS = {
  account: { noun: 'account', article: 'an' },
  accessKey: { noun: 'access key', article: 'an' },
  profile: { noun: 'profile', article: 'a' },
  client: { noun: 'client', article: 'a' },
  hsmToken: { noun: 'token', article: 'a' },
  otpDevice: { noun: 'authenticator entry', article: 'an' },
  securityKey: { noun: 'security key', article: 'a' },
  certificate: { noun: 'certificate', article: 'a' },
  signIn: { noun: 'sign-in', article: 'a' },
  credential: { noun: 'credential', article: 'a' },
} as const satisfies { readonly [K in ThingKind]?: { noun: string; article: string } };
export type NamedKind = keyof typeof NOUNS;

export const THING_KINDS = Object.keys(RECORD_SCHEMAS).filter((kind): kind is ThingKind => kind in RECORD_SCHEMAS);
/** All but the records of the local services. */
export const VAULT_KINDS = THING_KINDS.filter((kind) => !(kind in KMS_RECORDS || kind in IAM_RECORDS));

/** Told of every record of a kind that comes, changes or goes. */
interface RecordIndex<T> {
  /** Answers the record as it is to be kept. */
  put(id: string, value: T): T;
  remove(id: string, value: T): void;
}
type Indexes = { [K in ThingKind]?: RecordIndex<Thing<K>> };

type Tables = { [K in ThingKind]?: Map<string, Thing<K>> };

/**
 * The decrypted records of an unlocked vault (no secrets: those are HSM objects) with the indexes over them. Changed only after the
 * transaction that writes the same change has been committed. A kind is of use once all of it has been read (`complete`): asking earlier
 * is a defect and throws, so that nothing is ever decided on half a table.
 */
export class Things {
  readonly #complete = new Set<ThingKind>();
  readonly #tables: Tables = {};
  /** Of use once the KMS's kinds have been read. */
  readonly kms = new KmsIndex();
  readonly #indexes: Indexes = this.kms.byKind;
  /** Ids by folded name, of the kinds a person names. */
  readonly #names: ReadonlyMap<string, Map<string, string>> = new Map(
    Object.keys(NOUNS).map((kind) => [kind, new Map<string, string>()]),
  );
  readonly #clientsByKeyId = new Map<string, string>();
  readonly #sessionsByProfile = new Map<string, string>();

  /** Takes a record as read from the vault. Throws `VaultCorrupt` when it is not what its kind says. */
  load(kind: ThingKind, id: string, payload: unknown): void {
    const parsed = RECORD_SCHEMAS[kind].safeParse(payload);
    if (!parsed.success) {
      const field = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new KeyholdError('VaultCorrupt', `Record ${kind} ${id} has an unknown shape (${field}). Restore a backup.`);
    }
    // The schema of `kind` has just produced exactly this kind's type.
    this.#put(kind, id, parsed.data as Thing<typeof kind>);
  }

  /** All records of the kind have been loaded. */
  complete(kind: ThingKind): void {
    this.#complete.add(kind);
  }

  isComplete(kind: ThingKind): boolean {
    return this.#complete.has(kind);
  }

  put<K extends ThingKind>(kind: K, id: string, value: Thing<K>): void {
    this.#mustBeComplete(kind);
    this.#put(kind, id, value);
  }

  #put<K extends ThingKind>(kind: K, id: string, given: Thing<K>): void {
    this.#remove(kind, id);
    const table = this.#table(kind);
    const index: RecordIndex<Thing<K>> | undefined = this.#indexes[kind];
    const value = index === undefined ? given : index.put(id, given);
    table.set(id, value);
    const names = this.#names.get(kind);
    if (names !== undefined && 'name' in value && value.name !== undefined) names.set(foldName(value.name), id);
    if (kind === 'client' && 'accessKeyId' in value) this.#clientsByKeyId.set(value.accessKeyId, id);
    if (kind === 'awsSession' && 'profile' in value) this.#sessionsByProfile.set(value.profile, id);
  }

  remove(kind: ThingKind, id: string): void {
    this.#mustBeComplete(kind);
    this.#remove(kind, id);
  }

  #remove<K extends ThingKind>(kind: K, id: string): void {
    const table = this.#table(kind);
    const old = table.get(id);
    if (old === undefined) return;
    table.delete(id);
    const index: RecordIndex<Thing<K>> | undefined = this.#indexes[kind];
    index?.remove(id, old);
    const names = this.#names.get(kind);
    if (names !== undefined && 'name' in old && old.name !== undefined) names.delete(foldName(old.name));
    if (kind === 'client' && 'accessKeyId' in old) this.#clientsByKeyId.delete(old.accessKeyId);
    if (kind === 'awsSession' && 'profile' in old) this.#sessionsByProfile.delete(old.profile);
  }

  get<K extends ThingKind>(kind: K, id: string): Thing<K> | undefined {
    this.#mustBeComplete(kind);
    return this.#table(kind).get(id);
  }

  /** A record that another one refers to: its absence is damage, not a mistake of the caller. */
  must<K extends ThingKind>(kind: K, id: string): Thing<K> {
    const value = this.get(kind, id);
    if (value === undefined)
      throw new KeyholdError('VaultCorrupt', `Record ${kind} ${id} is missing. Restore a backup.`);
    return value;
  }

  all<K extends ThingKind>(kind: K): Found<K>[] {
    this.#mustBeComplete(kind);
    return [...this.#table(kind)].map(([id, value]) => ({ id, value }));
  }

  count(kind: ThingKind): number {
    this.#mustBeComplete(kind);
    return this.#table(kind).size;
  }

  findByName<K extends NamedKind>(kind: K, name: string): Found<K> | undefined {
    this.#mustBeComplete(kind);
    const id = this.#names.get(kind)?.get(foldName(name));
    const value = id === undefined ? undefined : this.get(kind, id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }

  /** Throws `NotFound`, with the nearest names there are. */
  byName<K extends NamedKind>(kind: K, name: string): Found<K> {
    const found = this.findByName(kind, name);
    if (found !== undefined) return found;
    const near = suggestNames(
      name,
      this.all(kind).map((one) => one.value.name),
    );
    const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
    throw new KeyholdError('NotFound', `There is no ${NOUNS[kind].noun} called ${name}.${hint}`, {
      kind,
      name,
      suggestions: near,
    });
  }

  /** Throws `AlreadyExists` when another record of the kind has the name; names are compared without case. */
  assertFree(kind: NamedKind, name: string, exceptId?: string): void {
    const found = this.findByName(kind, name);
    if (found === undefined || found.id === exceptId) return;
    const { noun, article } = NOUNS[kind];
    const message = `There is already ${article} ${noun} called ${found.value.name}; choose another name.`;
    throw new KeyholdError('AlreadyExists', message, { kind, name: found.value.name });
  }

  #table<K extends ThingKind>(kind: K): Map<string, Thing<K>> {
    const tables: { [P in K]?: Map<string, Thing<P>> } = this.#tables;
    const known = tables[kind];
    if (known !== undefined) return known;
    const made = new Map<string, Thing<K>>();
    tables[kind] = made;
    return made;
  }

  #mustBeComplete(kind: ThingKind): void {
    if (!this.#complete.has(kind)) throw new Error(`${kind} records are asked for before they have been read`);
  }

  clientByKeyId(accessKeyId: string): Found<'client'> | undefined {
    this.#mustBeComplete('client');
    const id = this.#clientsByKeyId.get(accessKeyId);
    const value = id === undefined ? undefined : this.get('client', id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }

  /** The temporary credentials of a profile. */
  sessionOf(profile: string): Found<'awsSession'> | undefined {
    this.#mustBeComplete('awsSession');
    const id = this.#sessionsByProfile.get(profile);
    const value = id === undefined ? undefined : this.get('awsSession', id);
    return id === undefined || value === undefined ? undefined : { id, value };
  }
}
