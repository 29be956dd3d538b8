import { SharedTexts } from '../shared-texts.ts';
import { PolicyCache } from './policy-cache.ts';
import type { FoundAlias, FoundGrant, FoundKey, KmsAlias, KmsGrant, KmsKey } from './records.ts';

/** Bytes of a material's id that a ciphertext carries, as hex digits. */
export const MATERIAL_PREFIX_DIGITS = 32;

interface OfRegion {
  keys: Map<string, FoundKey>;
  aliases: Map<string, FoundAlias>;
  /** In order of key id or alias name; undefined after a change. */
  sortedKeys: readonly FoundKey[] | undefined;
  sortedAliases: readonly FoundAlias[] | undefined;
}

function place(account: string, region: string): string {
  return `${account}/${region}`;
}

/** Maps to many, without empty leftovers. Most have one item, and there are tens of thousands of them: a map only for more. */
class Groups<T extends { id: string }> {
  readonly #groups = new Map<string, T | Map<string, T>>();

  add(key: string, item: T): void {
    const group = this.#groups.get(key);
    if (group instanceof Map) group.set(item.id, item);
    else if (group === undefined || group.id === item.id) this.#groups.set(key, item);
    else {
      this.#groups.set(
        key,
        new Map([
          [group.id, group],
          [item.id, item],
        ]),
      );
    }
  }

  remove(key: string, id: string): void {
    const group = this.#groups.get(key);
    if (group instanceof Map) {
      group.delete(id);
      if (group.size === 0) this.#groups.delete(key);
    } else if (group?.id === id) this.#groups.delete(key);
  }

  get(key: string): readonly T[] {
    return [...this.values(key)];
  }

  /** The same without a copy. */
  values(key: string): Iterable<T> {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    return group instanceof Map ? group.values() : [group];
  }

  size(key: string): number {
    const group = this.#groups.get(key);
    if (group === undefined) return 0;
    return group instanceof Map ? group.size : 1;
  }
}

/**
 * Finds the KMS's records by what requests name: kept by `Things` as records come and go. `account` is always an account's record id;
 * lists are in the order in which AWS's answers page through them, by key id, alias name or grant id.
 */
export class KmsIndex {
  readonly #keys = new Map<string, FoundKey>();
  readonly #places = new Map<string, OfRegion>();
  readonly #regions = new Groups<FoundKey>();
  readonly #materials = new Groups<FoundKey>();
  readonly #aliases = new Groups<FoundAlias>();
  readonly #grants = new Groups<FoundGrant>();
  readonly #grantsByGrantee = new Groups<FoundGrant>();
  readonly #grantsByName = new Groups<FoundGrant>();
  readonly #grantsByGrantId = new Groups<FoundGrant>();
  /** The grants of the key that was listed last, until one of its grants changes: a list is read page by page. */
  #sortedGrants: { readonly key: string; readonly grants: readonly FoundGrant[] } | undefined;
  readonly #retirable = new Groups<FoundGrant>();
  readonly #texts = new SharedTexts();
  /** The policies of the keys. */
  readonly policies = new PolicyCache();

  /** What `Things` tells of the records, by kind. */
  readonly byKind = {
    kmsKey: {
      put: (id: string, value: KmsKey) => this.#putKey(id, value),
      remove: (id: string, value: KmsKey) => this.#removeKey(id, value),
    },
    kmsAlias: {
      put: (id: string, value: KmsAlias) => this.#putAlias(id, value),
      remove: (id: string, value: KmsAlias) => this.#removeAlias(id, value),
    },
    kmsGrant: {
      put: (id: string, value: KmsGrant) => this.#putGrant(id, value),
      remove: (id: string, value: KmsGrant) => this.#removeGrant(id, value),
    },
  };

  #putKey(id: string, given: KmsKey): KmsKey {
    // Most of ten thousand keys have the default policy.
    const share = (text: string): string => this.#texts.share(text);
    const { account, region, policy } = given;
    const value = { ...given, account: share(account), region: share(region), policy: share(policy) };
    const found = { id, value };
    const at = this.#place(value.account, value.region);
    this.#keys.set(id, found);
    at.keys.set(value.keyId, found);
    at.sortedKeys = undefined;
    this.#regions.add(place(value.account, value.keyId), found);
    for (const material of value.materials) this.#materials.add(material.id.slice(0, MATERIAL_PREFIX_DIGITS), found);
    return value;
  }

  #removeKey(id: string, value: KmsKey): void {
    const at = this.#place(value.account, value.region);
    this.#keys.delete(id);
    at.keys.delete(value.keyId);
    at.sortedKeys = undefined;
    this.#regions.remove(place(value.account, value.keyId), id);
    for (const material of value.materials) this.#materials.remove(material.id.slice(0, MATERIAL_PREFIX_DIGITS), id);
  }

  #putAlias(id: string, value: KmsAlias): KmsAlias {
    const found = { id, value };
    const at = this.#place(value.account, value.region);
    at.aliases.set(value.name, found);
    at.sortedAliases = undefined;
    this.#aliases.add(value.key, found);
    return value;
  }

  #removeAlias(id: string, value: KmsAlias): void {
    const at = this.#place(value.account, value.region);
    at.aliases.delete(value.name);
    at.sortedAliases = undefined;
    this.#aliases.remove(value.key, id);
  }

  #putGrant(id: string, value: KmsGrant): KmsGrant {
    const found = { id, value };
    this.#grants.add(value.key, found);
    this.#grantsByGrantee.add(place(value.key, value.grantee), found);
    this.#grantsByGrantId.add(value.grantId, found);
    if (value.name !== undefined) this.#grantsByName.add(place(value.key, value.name), found);
    this.#forgetSorted(value.key);
    if (value.retiring !== undefined) this.#retirable.add(place(value.retiring, value.region), found);
    return value;
  }

  #removeGrant(id: string, value: KmsGrant): void {
    this.#grants.remove(value.key, id);
    this.#grantsByGrantee.remove(place(value.key, value.grantee), id);
    this.#grantsByGrantId.remove(value.grantId, id);
    if (value.name !== undefined) this.#grantsByName.remove(place(value.key, value.name), id);
    this.#forgetSorted(value.key);
    if (value.retiring !== undefined) this.#retirable.remove(place(value.retiring, value.region), id);
  }

  #forgetSorted(key: string): void {
    if (this.#sortedGrants?.key === key) this.#sortedGrants = undefined;
  }

  /** By the key's record id. */
  keyById(id: string): FoundKey | undefined {
    return this.#keys.get(id);
  }

  keys(): Iterable<FoundKey> {
    return this.#keys.values();
  }

  key(account: string, region: string, keyId: string): FoundKey | undefined {
    return this.#places.get(place(account, region))?.keys.get(keyId);
  }

  alias(account: string, region: string, name: string): FoundAlias | undefined {
    return this.#places.get(place(account, region))?.aliases.get(name);
  }

  /** The keys of one multi-Region key, or the one key, with this id, in all Regions. */
  related(account: string, keyId: string): readonly FoundKey[] {
    return this.#regions.get(place(account, keyId));
  }

  /** The keys that a ciphertext's material belongs to: the Regions of one key, or accounts that share an imported copy of it. */
  byMaterial(prefix: string): readonly FoundKey[] {
    return this.#materials.get(prefix);
  }

  /** `key` is a key's record id. */
  aliasesOf(key: string): readonly FoundAlias[] {
    return byText(this.#aliases.get(key), ({ value }) => value.name);
  }

  /** All grants of a key, which may be tens of thousands: for lists. */
  grantsOf(key: string): readonly FoundGrant[] {
    if (this.#sortedGrants?.key !== key) {
      this.#sortedGrants = { key, grants: byText(this.#grants.get(key), ({ value }) => value.grantId) };
    }
    return this.#sortedGrants.grants;
  }

  /** A key's grants to this very grantee, in no order. */
  grantsTo(key: string, grantee: string): Iterable<FoundGrant> {
    return this.#grantsByGrantee.values(place(key, grantee));
  }

  /** A key's grants with this name, in no order. */
  grantsNamed(key: string, name: string): Iterable<FoundGrant> {
    return this.#grantsByName.values(place(key, name));
  }

  grant(key: string, grantId: string): FoundGrant | undefined {
    return this.#grantsByGrantId.get(grantId).find(({ value }) => value.key === key);
  }

  grantCount(key: string): number {
    return this.#grants.size(key);
  }

  /** Grants in a Region, of any account's keys, that this principal may retire. */
  retirableBy(principal: string, region: string): readonly FoundGrant[] {
    return byText(this.#retirable.get(place(principal, region)), ({ value }) => value.grantId);
  }

  keysIn(account: string, region: string): readonly FoundKey[] {
    const at = this.#places.get(place(account, region));
    if (at === undefined) return [];
    at.sortedKeys ??= byText([...at.keys.values()], ({ value }) => value.keyId);
    return at.sortedKeys;
  }

  aliasesIn(account: string, region: string): readonly FoundAlias[] {
    const at = this.#places.get(place(account, region));
    if (at === undefined) return [];
    at.sortedAliases ??= byText([...at.aliases.values()], ({ value }) => value.name);
    return at.sortedAliases;
  }

  #place(account: string, region: string): OfRegion {
    const name = place(account, region);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const made = { keys: new Map(), aliases: new Map(), sortedKeys: undefined, sortedAliases: undefined };
    this.#places.set(name, made);
    return made;
  }
}

/** By code unit, so that a position in the list means the same on every machine. */
function byText<T>(items: readonly T[], text: (item: T) => string): readonly T[] {
  if (items.length < 2) return items;
  return [...items].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
