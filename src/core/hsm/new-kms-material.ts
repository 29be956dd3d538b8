import { bytesOf, type Fields, recordIdOf } from './input.ts';
import { materialIdOf } from './material-id.ts';
import { sealObject } from './object.ts';
import { attributesOf } from './object-attributes.ts';
import type { KmsMaterial, ObjectAttributes } from './protocol.ts';
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
] as const;

export interface NewMaterial {
  attributes: ObjectAttributes;
  materialContext: Uint8Array;
}

/** Checks the fields of `NewKmsMaterial`; class and policy follow from them, and nothing is ever extractable. */
export function newMaterialOf(fields: Fields, objectClass: ObjectAttributes['class']): NewMaterial {
  const { spec, usage, label, createdAt, notAfter } = fields;
  const policy = notAfter === undefined ? {} : { notAfter };
  const attributes = { class: objectClass, spec, usage, extractable: false, label, createdAt, policy };
  return {
    attributes: attributesOf(attributes, recordIdOf(fields['id'], 'id')),
    materialContext: bytesOf(fields['materialContext'], 'materialContext', 0, LONGEST_CONTEXT),
  };
}

/** Seals the material, which stays the caller's to wipe. */
export function sealKmsMaterial(
  state: TokenState,
  { attributes, materialContext }: NewMaterial,
  material: Uint8Array,
  publicKey: Uint8Array | undefined,
): KmsMaterial {
  const keys = workingKeys(state);
  const blob = sealObject(keys, state.ports.random, { attributes, material }, FIRST_VERSION);
  const sealed = { attributes, blob, materialId: materialIdOf(keys, materialContext, material) };
  return publicKey === undefined ? sealed : { ...sealed, publicKey };
}
