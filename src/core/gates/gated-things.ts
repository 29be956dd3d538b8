import { KeyholdError } from '../../contract/errors.ts';
import type { GateEntry, GateTarget } from '../../contract/gates.ts';
import { keyArn } from '../kms/arn.ts';
import type { FoundKey } from '../kms/records.ts';
import { KMS_KINDS } from '../kms/remove-records.ts';
import type { Things } from '../things.ts';
import type { KeptGate } from './kept-gate.ts';

/** Kinds whose records can have a gate, with all that it takes to find them. */
export const GATED_KINDS = ['account', 'accessKey', 'profile', 'client', 'securityKey', ...KMS_KINDS] as const;

type GatedKind = 'accessKey' | 'profile' | 'client' | 'kmsKey';

/** What a gate stands before. */
export interface GatedThing {
  kind: GateEntry['kind'];
  /** Of KMS keys the ARN, of approval rules the service. */
  name: string;
  /** The records that show it; several for a multi-Region key. */
  records: { kind: GatedKind; id: string }[];
  gate: KeptGate | undefined;
  /** HSM objects that hold what is guarded; empty where it needs one that does nothing but ask. */
  objects: string[];
}

/** Throws `NotFound`, `InvalidInput` for a name that several KMS keys have. Of use once GATED_KINDS have been read. */
export function findGated(things: Things, { kind, name }: GateTarget): GatedThing {
  switch (kind) {
    case 'key':
      return gatedKey(things.byName('accessKey', name).id, things);
    case 'client':
      return gatedClient((things.clientByKeyId(name) ?? things.byName('client', name)).id, things);
    case 'profile':
      return gatedProfile(things.byName('profile', name).id, things);
    case 'kms-key':
      return gatedKmsKey(kmsKeyNamed(things, name), things);
  }
}

/** All records that have a gate. */
export function allGated(things: Things): GatedThing[] {
  const withGate = <T extends { value: { gate?: KeptGate | undefined } }>(found: T[]): T[] =>
    found.filter(({ value }) => value.gate !== undefined);
  return [
    ...withGate(things.all('accessKey')).map(({ id }) => gatedKey(id, things)),
    ...withGate(things.all('profile')).map(({ id }) => gatedProfile(id, things)),
    ...withGate(things.all('client')).map(({ id }) => gatedClient(id, things)),
    ...withGate(things.all('kmsKey')).map((found) => gatedKmsKey(found, things)),
  ];
}

function gatedKey(id: string, things: Things): GatedThing {
  const { name, gate, secret } = things.must('accessKey', id);
  return { kind: 'key', name, gate, records: [{ kind: 'accessKey', id }], objects: [secret.id] };
}

function gatedClient(id: string, things: Things): GatedThing {
  const { name, gate, secret } = things.must('client', id);
  return { kind: 'client', name, gate, records: [{ kind: 'client', id }], objects: [secret.id] };
}

function gatedProfile(id: string, things: Things): GatedThing {
  const { name, gate } = things.must('profile', id);
  return { kind: 'profile', name, gate, records: [{ kind: 'profile', id }], objects: ownObject(gate) };
}

function gatedKmsKey({ value }: FoundKey, things: Things): GatedThing {
  const related = value.multiRegion === undefined ? [] : things.kms.related(value.account, value.keyId);
  const all = related.length === 0 ? [things.kms.key(value.account, value.region, value.keyId)] : related;
  const found = all.flatMap((one) => one ?? []);
  const materials = found.flatMap((one) => one.value.materials.flatMap(({ object }) => object?.id ?? []));
  const objects = value.origin === 'AWS_CLOUDHSM' ? ownObject(value.gate) : [...new Set(materials)];
  return {
    kind: 'kms-key',
    name: keyArn(things.must('account', value.account).accountId, value.region, value.keyId),
    gate: value.gate,
    records: found.map(({ id }) => ({ kind: 'kmsKey', id })),
    objects,
  };
}

function ownObject(gate: KeptGate | undefined): string[] {
  return gate?.object === undefined ? [] : [gate.object.id];
}

/** Profiles have no secret, and the keys of a token's custom key store have it elsewhere. */
export function needsOwnObject(things: Things, { kind, records }: GatedThing): boolean {
  if (kind === 'profile') return true;
  return kind === 'kms-key' && records.some(({ id }) => things.get('kmsKey', id)?.origin === 'AWS_CLOUDHSM');
}

function kmsKeyNamed(things: Things, name: string): FoundKey {
  const found = [...things.kms.keys()].filter((key) => isNamed(things, key, name));
  const [first, ...others] = found;
  if (first === undefined)
    throw new KeyholdError('NotFound', `There is no KMS key ${name}. List them with their ARNs.`);
  if (others.every(({ value }) => value.account === first.value.account && value.keyId === first.value.keyId))
    return first;
  throw new KeyholdError('InvalidInput', `target: several KMS keys are called ${name}. Give the ARN of one of them.`);
}

function isNamed(things: Things, { id, value }: FoundKey, name: string): boolean {
  if (value.keyId === name) return true;
  if (name.startsWith('alias/')) return things.kms.aliasesOf(id).some((alias) => alias.value.name === name);
  if (!name.startsWith('arn:')) return false;
  return keyArn(things.must('account', value.account).accountId, value.region, value.keyId) === name;
}
