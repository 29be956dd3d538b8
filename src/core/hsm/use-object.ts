import { KeyholdError } from '../../contract/errors.ts';
import { isNewestSeen, noteSeen, requireNewestSeen } from './gates/newest-seen.ts';
import { bytesOf, fieldsOf, recordIdOf, versionOf } from './input.ts';
import { openObject } from './object.ts';
import type { CachedObject } from './object-cache.ts';
import type { ObjectAttributes, ObjectRef, ObjectSpec, ObjectUsage } from './protocol.ts';
import { type TokenState, workingKeys } from './state.ts';
import { UnknownObject } from './unknown-object.ts';
import { LONGEST_PAYLOAD } from './vault-input.ts';

export function objectRefOf(value: unknown): ObjectRef {
  const fields = fieldsOf(value, 'key', ['id', 'version', 'blob']);
  const ref: ObjectRef = {
    id: recordIdOf(fields['id'], 'key.id'),
    version: versionOf(fields['version'], 'key.version'),
  };
  if (fields['blob'] !== undefined) ref.blob = bytesOf(fields['blob'], 'key.blob', 0, LONGEST_PAYLOAD);
  return ref;
}

/** The decrypted object, from the cache or from the blob. `UnknownObject` without either; `VaultTampered` for a blob that does not open. */
export function loadObject(state: TokenState, value: unknown): CachedObject {
  const keys = workingKeys(state);
  const ref = objectRefOf(value);
  // A reference alone may be from before a change that was rightful: the client then sends what is there now.
  const newest = isNewestSeen(state, ref.id, ref.version);
  const cached = newest ? state.objects.get(ref.id, ref.version) : undefined;
  if (cached !== undefined) return cached;
  if (ref.blob === undefined) throw new UnknownObject(ref.id);
  requireNewestSeen(state, ref.id, ref.version);
  const object = openObject(keys, ref.id, ref.version, ref.blob);
  if (object === null) {
    const where = `record object ${ref.id.slice(0, 8)}…`;
    throw new KeyholdError(
      'VaultTampered',
      `The vault was changed from outside (${where}: edited). Restore a backup you trust with "keyhold hsm restore".`,
      { findings: [{ severity: 'error', where, what: 'edited', message: 'its content does not verify' }] },
    );
  }
  noteSeen(state, object.attributes, ref.version);
  return state.objects.put(object, ref.version);
}

export interface Use {
  usage: ObjectUsage;
  specs: readonly ObjectSpec[];
}

/** The object, if its spec, usage flags and policy allow this use now; `HsmRefused` otherwise. */
export function objectFor(state: TokenState, value: unknown, use: Use): CachedObject {
  const object = loadObject(state, value);
  const { spec } = object.attributes;
  if (!use.specs.includes(spec)) {
    throw new KeyholdError('HsmRefused', `A key of spec ${spec} cannot be used for ${use.usage}.`);
  }
  requireUsage(object.attributes, use.usage);
  requireNotExpired(state, object.attributes);
  return object;
}

export function requireUsage(attributes: ObjectAttributes, usage: ObjectUsage): void {
  if (!attributes.usage.includes(usage)) {
    throw new KeyholdError('HsmRefused', `This key does not have the usage ${usage}.`);
  }
}

export function requireNotExpired(state: TokenState, attributes: ObjectAttributes): void {
  const { notAfter } = attributes.policy;
  if (notAfter !== undefined && state.ports.clock.now() >= notAfter) {
    throw new KeyholdError('HsmRefused', 'This key has expired. Make a new one.');
  }
}
