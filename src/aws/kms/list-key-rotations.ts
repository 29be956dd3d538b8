import {
  ListKeyRotations$,
  type ListKeyRotationsCommandInput,
  type ListKeyRotationsCommandOutput,
  type RotationsListEntry,
} from '@aws-sdk/client-kms';
import { isUsable } from '../../core/kms/key-state.ts';
import type { KmsKey, KmsMaterial } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { requireRotatable } from '../../core/kms/rotation.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { page } from './lib/pages.ts';

function entry(key: KmsKey, material: KmsMaterial, now: number): RotationsListEntry {
  const { id, state, rotation, description, expiresAt } = material;
  const usable = isUsable(material, now);
  const imported: RotationsListEntry = {
    ...(description === undefined ? {} : { KeyMaterialDescription: description }),
    ImportState: usable ? 'IMPORTED' : 'PENDING_IMPORT',
    ...(usable
      ? { ExpirationModel: expiresAt === undefined ? 'KEY_MATERIAL_DOES_NOT_EXPIRE' : 'KEY_MATERIAL_EXPIRES' }
      : {}),
    ...(usable && expiresAt !== undefined ? { ValidTo: new Date(expiresAt) } : {}),
  };
  return {
    KeyId: key.keyId,
    KeyMaterialId: id,
    KeyMaterialState: state,
    ...(key.origin === 'EXTERNAL' ? imported : {}),
    ...(rotation === undefined ? {} : { RotationDate: new Date(rotation.at), RotationType: rotation.type }),
  };
}

export const listKeyRotations = operation<ListKeyRotationsCommandInput, ListKeyRotationsCommandOutput, ResolvedKey>(
  ListKeyRotations$,
  {
    authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'ListKeyRotations' }),

    async handle(input, ctx, { key: { value: key }, arn }) {
      requireRotatable(key, arn, { imported: true });
      const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
      const listed = key.materials.filter(({ rotation }) => all || rotation !== undefined);
      // In order of time; the place in that order names an entry.
      const numbered = listed.map((material, index) => ({ material, place: String(index).padStart(6, '0') }));
      const { items, ...more } = await page(ctx, input, numbered, {
        name: ({ place }) => place,
        usual: 100,
        most: 1000,
      });
      return { Rotations: items.map(({ material }) => entry(key, material, ctx.now())), ...more };
    },
  },
);
