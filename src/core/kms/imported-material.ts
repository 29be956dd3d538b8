import { isPermanent, isUsable } from './key-state.ts';
import { KmsError } from './kms-error.ts';
import type { FoundKey, KmsKey, KmsMaterial } from './records.ts';

export interface Imported {
  /** 64 hex digits */
  id: string;
  object: { id: string };
  /** SubjectPublicKeyInfo DER in base64; of key pairs only. */
  publicKey?: string;
  /** ms since epoch */
  expiresAt?: number;
  description?: string;
}

export interface ImportChoice {
  type?: 'NEW_KEY_MATERIAL' | 'EXISTING_KEY_MATERIAL' | undefined;
  /** The material that this is said to be. */
  materialId?: string | undefined;
}

function incorrect(message: string): KmsError {
  return new KmsError('IncorrectKeyMaterialException', message);
}

function isPending(material: KmsMaterial): boolean {
  return !isPermanent(material);
}

function withMaterial(key: KmsKey, imported: Imported, state: KmsMaterial['state']): KmsKey {
  const known = key.materials.find(({ id }) => id === imported.id);
  const description = imported.description ?? known?.description;
  const material: KmsMaterial = {
    id: imported.id,
    object: imported.object,
    state: known?.state ?? state,
    ...(known?.rotation === undefined ? {} : { rotation: known.rotation }),
    ...(description === undefined ? {} : { description }),
    ...(imported.expiresAt === undefined ? {} : { expiresAt: imported.expiresAt }),
  };
  const materials =
    known === undefined ? [...key.materials, material] : key.materials.map((one) => (one === known ? material : one));
  return { ...key, materials, ...(imported.publicKey === undefined ? {} : { publicKey: imported.publicKey }) };
}

/**
 * The key with imported material, by the rules of ImportKeyMaterialRequest (ImportType, KeyMaterialId): the material of asymmetric and
 * HMAC keys never changes; a symmetric key takes new material for its next rotation, one at a time, and any that it knows again; a replica
 * takes what its primary has. `related` are the keys of the same multi-Region key. Throws IncorrectKeyMaterialException and others.
 */
export function importInto(
  key: KmsKey,
  related: readonly FoundKey[],
  imported: Imported,
  choice: ImportChoice,
): KmsKey {
  const others = related.map(({ value }) => value).filter(({ region }) => region !== key.region);
  const primary = others.find(({ multiRegion }) => multiRegion === 'PRIMARY');
  const shared = key.multiRegion === 'REPLICA' ? primary?.materials.find(({ id }) => id === imported.id) : undefined;
  const known = key.materials.some(({ id }) => id === imported.id);
  if (choice.materialId !== undefined && choice.materialId !== imported.id) {
    throw incorrect('The key material is not the one with the specified key material ID.');
  }
  if (key.spec !== 'SYMMETRIC_DEFAULT') {
    const first = key.materials.length === 0 && (key.multiRegion !== 'REPLICA' || primary?.materials.length === 0);
    if (known || first || shared !== undefined) return withMaterial(key, imported, 'CURRENT');
    throw incorrect('The key material is not the same as was imported before.');
  }
  const type = choice.type ?? (isFirst(key) ? 'NEW_KEY_MATERIAL' : 'EXISTING_KEY_MATERIAL');
  if (type === 'EXISTING_KEY_MATERIAL') {
    if (known || shared !== undefined) return withMaterial(key, imported, shared?.state ?? 'CURRENT');
    throw incorrect('The key material is not associated with this KMS key.');
  }
  if (key.multiRegion === 'REPLICA') {
    const message = 'New key material is imported into the multi-Region primary key first.';
    throw new KmsError('UnsupportedOperationException', message);
  }
  if (known) throw incorrect('The key material is already associated with this KMS key.');
  if (key.materials.some(isPending)) {
    const message = 'There is key material pending rotation already. Rotate the key or delete that material first.';
    throw new KmsError('KMSInvalidStateException', message);
  }
  if (key.materials.length === 0) return withMaterial(key, imported, 'CURRENT');
  return withMaterial(
    key,
    imported,
    others.length > 0 ? 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION' : 'PENDING_ROTATION',
  );
}

function isFirst({ materials, multiRegion }: KmsKey): boolean {
  return materials.length === 0 && multiRegion !== 'REPLICA';
}

/**
 * Once new material has been imported into every Region, all keys of the multi-Region key can be rotated to it: the changed ones of
 * `keys`, which are all of them as they are after an import.
 */
export function releasePending(keys: readonly FoundKey[], now: number): FoundKey[] {
  const waiting = keys
    .flatMap(({ value }) => value.materials)
    .find(({ state }) => state === 'PENDING_MULTI_REGION_IMPORT_AND_ROTATION');
  const everywhere =
    waiting !== undefined &&
    keys.every(({ value }) => value.materials.some((one) => one.id === waiting.id && isUsable(one, now)));
  if (!everywhere) return [];
  return keys.map(({ id, value }) => ({
    id,
    value: {
      ...value,
      materials: value.materials.map((one) =>
        one.id === waiting.id ? { ...one, state: 'PENDING_ROTATION' as const } : one,
      ),
    },
  }));
}

/** What DeleteImportedKeyMaterial takes away: the named material, else the current one; undefined when there is nothing to delete. */
export function materialToDelete(key: KmsKey, materialId: string | undefined): KmsMaterial | undefined {
  if (materialId === undefined) return key.materials.find(({ state }) => state === 'CURRENT');
  const found = key.materials.find(({ id }) => id === materialId);
  if (found !== undefined) return found;
  throw new KmsError('NotFoundException', `Key material ${materialId} does not exist`);
}

/** The key without that material's bytes. Material that waited for a rotation is forgotten; of any other the name stays. */
export function withoutMaterial(key: KmsKey, materialId: string): KmsKey {
  const materials = key.materials.flatMap((one) => {
    if (one.id !== materialId) return [one];
    if (isPending(one)) return [];
    const { object: _gone, expiresAt: _never, ...named } = one;
    return [named];
  });
  return { ...key, materials };
}
