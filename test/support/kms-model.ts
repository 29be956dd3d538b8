import { expect } from 'vitest';
import type { KmsWire, WireAnswer } from './kms-wire.ts';

/**
 * One thing that the service has acknowledged. While a change is under way, and for good when its answer never came, the value before and the value
 * after are both right.
 */
export class Cell<T> {
  value: T;
  #next: { value: T } | undefined;
  /** Grows with each beginning and each end of a change: what is asked between two equal readings meets the value as it stands. */
  epoch = 0;

  constructor(value: T) {
    this.value = value;
  }

  get settled(): boolean {
    return this.#next === undefined;
  }

  /** `work` resolves when the change has been acknowledged. */
  async change(next: T, work: () => Promise<unknown>): Promise<void> {
    this.#next = { value: next };
    this.epoch += 1;
    await work();
    this.value = next;
    this.#next = undefined;
    this.epoch += 1;
  }

  /** Holds what is there now against what was acknowledged, and goes on from it. */
  meet(seen: T, what: string): void {
    const right = this.#next === undefined ? [this.value] : [this.value, this.#next.value];
    expect(right, what).toContainEqual(seen);
    this.value = seen;
    this.#next = undefined;
    this.epoch += 1;
  }
}

export type State = 'Enabled' | 'Disabled' | 'PendingDeletion';
export type Spec = 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256' | 'HMAC_256';

/** What the service answered and has to take back at any later time. */
export type Product =
  | { kind: 'ciphertext'; blob: string; plaintext: string; context: Record<string, string> }
  | { kind: 'signature'; message: string; signature: string }
  | { kind: 'mac'; message: string; mac: string };

export class ModelKey {
  readonly id: string;
  readonly spec: Spec;
  readonly state = new Cell<State>('Enabled');
  readonly description: Cell<string>;
  readonly rotations = new Cell(0);
  readonly tags = new Map<string, Cell<string | undefined>>();
  readonly grants = new Map<string, Cell<boolean>>();
  readonly products: Product[] = [];

  constructor(id: string, spec: Spec, description: string) {
    this.id = id;
    this.spec = spec;
    this.description = new Cell(description);
  }

  tag(name: string): Cell<string | undefined> {
    const cell = this.tags.get(name) ?? new Cell<string | undefined>(undefined);
    this.tags.set(name, cell);
    return cell;
  }
}

/** Everything that has been acknowledged in one account and Region. */
export class Model {
  readonly keys: ModelKey[] = [];
  /** The target's key id by alias name; undefined once deleted. */
  readonly aliases = new Map<string, Cell<string | undefined>>();
  acknowledged = 0;

  alias(name: string): Cell<string | undefined> {
    const cell = this.aliases.get(name) ?? new Cell<string | undefined>(undefined);
    this.aliases.set(name, cell);
    return cell;
  }

  /** Reads everything back: all that was acknowledged is there, and what was never asked for is not. */
  async verify(wire: KmsWire): Promise<void> {
    const listed = await all(wire, 'ListKeys', {}, 'Keys');
    const ids = new Set(listed.map((one) => one['KeyId']));
    expect(this.keys.filter(({ id }) => !ids.has(id)).map(({ id }) => id)).toEqual([]);
    const aliases = new Map<unknown, unknown>();
    for (const one of await all(wire, 'ListAliases', {}, 'Aliases')) {
      if (one['TargetKeyId'] !== undefined) aliases.set(one['AliasName'], one['TargetKeyId']);
    }
    for (const [name, cell] of this.aliases) cell.meet(text(aliases.get(name)), `the target of ${name}`);
    expect([...aliases.keys()].filter((name) => !this.aliases.has(String(name)))).toEqual([]);
    await each(this.keys, (key) => verifyKey(wire, key));
  }

  /** Takes every product of every key back, switching on again what is not. */
  async redeem(wire: KmsWire): Promise<number> {
    let redeemed = 0;
    await each(this.keys, async (key) => {
      if (key.state.value === 'PendingDeletion') await succeed(wire, 'CancelKeyDeletion', { KeyId: key.id });
      if (key.state.value !== 'Enabled') await succeed(wire, 'EnableKey', { KeyId: key.id });
      for (const product of key.products) {
        expect(await redeem(wire, key, product)).toMatchObject({ status: 200 });
        redeemed += 1;
      }
    });
    return redeemed;
  }
}

async function verifyKey(wire: KmsWire, key: ModelKey): Promise<void> {
  const { KeyMetadata: metadata } = await succeed(wire, 'DescribeKey', { KeyId: key.id });
  if (!isRecord(metadata)) throw new Error('DescribeKey answered no KeyMetadata');
  const state = metadata['KeyState'];
  if (state !== 'Enabled' && state !== 'Disabled' && state !== 'PendingDeletion') throw new Error(`state ${state}`);
  key.state.meet(state, `the state of ${key.id}`);
  key.description.meet(String(metadata['Description']), `the description of ${key.id}`);
  const there = await all(wire, 'ListResourceTags', { KeyId: key.id }, 'Tags');
  const tags = new Map(there.map((tag) => [tag['TagKey'], tag['TagValue']]));
  for (const [name, cell] of key.tags) cell.meet(text(tags.get(name)), `the tag ${name} of ${key.id}`);
  expect([...tags.keys()].filter((name) => !key.tags.has(String(name)))).toEqual([]);
  const grants = new Set((await all(wire, 'ListGrants', { KeyId: key.id }, 'Grants')).map((one) => one['GrantId']));
  for (const [id, cell] of key.grants) cell.meet(grants.has(id), `the grant ${id} of ${key.id}`);
  if (key.spec === 'SYMMETRIC_DEFAULT') {
    const rotations = await all(wire, 'ListKeyRotations', { KeyId: key.id }, 'Rotations');
    key.rotations.meet(rotations.length, `the rotations of ${key.id}`);
  }
}

/** Asks for the opposite of what made the product: Decrypt, Verify, VerifyMac. */
export async function redeem(wire: KmsWire, key: ModelKey, product: Product): Promise<WireAnswer> {
  switch (product.kind) {
    case 'ciphertext': {
      const answer = await wire.call('Decrypt', { CiphertextBlob: product.blob, EncryptionContext: product.context });
      if (answer.error === undefined) expect(answer.body['Plaintext']).toBe(product.plaintext);
      return answer;
    }
    case 'signature':
      return wire.call('Verify', {
        KeyId: key.id,
        Message: product.message,
        Signature: product.signature,
        SigningAlgorithm: 'ECDSA_SHA_256',
      });
    case 'mac':
      return wire.call('VerifyMac', {
        KeyId: key.id,
        Message: product.message,
        Mac: product.mac,
        MacAlgorithm: 'HMAC_SHA_256',
      });
  }
}

/** A call that has to succeed. */
export async function succeed(
  wire: KmsWire,
  operation: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { status, error, body } = await wire.call(operation, input);
  expect([operation, status, error, body['message']]).toEqual([operation, 200, undefined, undefined]);
  return body;
}

/** All pages of a list. */
async function all(
  wire: KmsWire,
  operation: string,
  input: Record<string, unknown>,
  member: string,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let marker: unknown; ; ) {
    const body = await succeed(wire, operation, { ...input, ...(marker === undefined ? {} : { Marker: marker }) });
    const page = body[member];
    if (!Array.isArray(page)) throw new Error(`${operation} answered no ${member}`);
    items.push(...page.filter(isRecord));
    if (body['Truncated'] !== true) return items;
    marker = body['NextMarker'];
  }
}

async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
