import {
  DeleteImportedKeyMaterial$,
  type DeleteImportedKeyMaterialCommandInput,
  type DeleteImportedKeyMaterialCommandOutput,
} from '@aws-sdk/client-kms';
import { materialToDelete, withoutMaterial } from '../../core/kms/imported-material.ts';
import { isPermanent } from '../../core/kms/key-state.ts';
import { objectsToRemove } from '../../core/kms/remove-records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireExternal } from './lib/require-external.ts';
import { requireKeyState } from './lib/require-key-state.ts';

export const deleteImportedKeyMaterial = operation<
  DeleteImportedKeyMaterialCommandInput,
  DeleteImportedKeyMaterialCommandOutput,
  ResolvedKey
>(DeleteImportedKeyMaterial$, {
  authorize: (input, ctx) => authorizeKey(ctx, input.KeyId, { action: 'DeleteImportedKeyMaterial' }),

  async handle(input, ctx, found) {
    const deleted = await change(ctx, (draft, things) => {
      const key = freshKey(ctx, things, found);
      requireExternal(key.value, found.arn);
      requireKeyState(ctx, 'DeleteImportedKeyMaterial', key.value, found.arn);
      const material = materialToDelete(key.value, input.KeyMaterialId);
      if (material === undefined) return undefined;
      // Material that waits for a rotation goes with its primary key's from all Regions.
      const everywhere = key.value.multiRegion === 'PRIMARY' && !isPermanent(material);
      const keys = everywhere ? things.kms.related(key.value.account, key.value.keyId) : [key];
      for (const one of keys) {
        const own = one.value.materials.filter(({ id }) => id === material.id);
        for (const object of objectsToRemove(things, one, own)) draft.removeObject(object);
        if (own.length > 0) draft.put('kmsKey', one.id, withoutMaterial(one.value, material.id));
      }
      return material.id;
    });
    return { KeyId: found.arn, ...(deleted === undefined ? {} : { KeyMaterialId: deleted }) };
  },
});
