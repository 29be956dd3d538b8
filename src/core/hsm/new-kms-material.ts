import type { SecretKey } from '../crypto/secret-key.ts';
import { isKeyPairSpec, KEY_PAIRS } from './algorithms/key-pairs.ts';
import { isSymmetricSpec, type SymmetricSpec } from './algorithms/specs.ts';
import { bytesOf, type Fields, invalid, recordIdOf } from './input.ts';
import { materialIdOf } from './material-id.ts';
import { sealObject } from './object.ts';
import { attributesOf } from './object-attributes.ts';
import type { KeyPairSpec, KmsMaterial, ObjectAttributes } from './protocol.ts';
import { type TokenState, workingKeys } from './state.ts';

const FIRST_VERSION = 1;
const LONGEST_CONTEXT = 1024;

/** The fields of `NewKmsMaterial`. */
export const NEW_MATERIAL_FIELDS = [
  'id',
  'spec',
  'usage',
  'label',
  'createdAt',
  'materialContext',
  'notAfter',
  'mfa',
  'naming',
] as const;

export type NewMaterial = { attributes: ObjectAttributes; materialContext: Uint8Array } & (
  | { kind: 'symmetric'; spec: SymmetricSpec }
  | { kind: 'key-pair'; spec: KeyPairSpec }
);

/** Checks the fields of `NewKmsMaterial`. Class and policy follow from them, and nothing is ever extractable. */
export function newMaterialOf(fields: Fields): NewMaterial {
  const { spec, usage, label, createdAt, notAfter, mfa } = fields;
  const symmetric = isSymmetricSpec(spec);
  if (!symmetric && !isKeyPairSpec(spec)) throw invalid('spec', 'one of a KMS key');
  const policy = { notAfter, mfa };
  const objectClass = symmetric ? 'secret-key' : 'private-key';
  const attributes = { class: objectClass, spec, usage, extractable: false, label, createdAt, policy };
  const wanted = {
    attributes: attributesOf(attributes, recordIdOf(fields['id'], 'id')),
    materialContext: bytesOf(fields['materialContext'], 'materialContext', 0, LONGEST_CONTEXT),
  };
  return symmetric ? { ...wanted, kind: 'symmetric', spec } : { ...wanted, kind: 'key-pair', spec };
}

/** Seals the material, which stays the caller's to wipe; `naming` names it. */
export function sealKmsMaterial(
  state: TokenState,
  wanted: NewMaterial,
  naming: SecretKey,
  material: Uint8Array,
): KmsMaterial {
  const keys = workingKeys(state);
  const { attributes } = wanted;
  const blob = sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION);
  const sealed = { attributes, blob, materialId: materialIdOf(naming, wanted.materialContext, material) };
  if (wanted.kind === 'symmetric') return sealed;
  const pair = KEY_PAIRS[wanted.spec].privateKey(material);
  pair.wipe?.();
  return { ...sealed, publicKey: pair.spki };
}
