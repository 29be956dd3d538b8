import { Checkbox } from '../../../ui/checkbox.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import type { Place } from '../kms.ts';
import { useKeyStores } from '../kms-queries.ts';
import { canImport, type DraftKey, purposeOf } from './draft-key.ts';

/** Which algorithm, and where the material comes from. */
export function KindStep({
  draft,
  onChange,
  place,
}: {
  draft: DraftKey;
  onChange: (change: Partial<DraftKey>) => void;
  place: Place;
}) {
  const { specs } = purposeOf(draft);
  // Only symmetric keys can live in a custom key store.
  const stores = (useKeyStores(place).data ?? []).filter(
    (store) =>
      draft.spec === 'SYMMETRIC_DEFAULT' &&
      store.CustomKeyStoreType === 'AWS_CLOUDHSM' &&
      store.ConnectionState === 'CONNECTED',
  );
  return (
    <>
      <RadioCards
        label={specs.length === 1 ? 'Algorithm' : 'Which algorithm?'}
        columns={specs.length > 1 ? 2 : 1}
        cards={specs.map((one) => ({ ...one, id: one.spec }))}
        value={draft.spec}
        onChange={(spec) => onChange({ spec, ...(canImport(spec) ? {} : { material: 'AWS_KMS' }) })}
      />
      <RadioCards
        label="Where does its material come from?"
        columns={2}
        cards={[
          { id: 'AWS_KMS', title: 'Made in the HSM', text: 'Fresh, and never anywhere else.', note: 'recommended' },
          ...(canImport(draft.spec)
            ? [{ id: 'EXTERNAL', title: 'Imported', text: 'You made it and keep a copy. A second step brings it in.' }]
            : []),
          ...stores.map((store) => ({
            id: store.CustomKeyStoreId,
            title: `Made in ${store.CustomKeyStoreName}`,
            text: 'In the token of this key store; usable while that is connected.',
          })),
        ]}
        value={draft.material}
        onChange={(material) => onChange({ material })}
      />
      {!draft.material.startsWith('cks-') && (
        <Checkbox isSelected={draft.multiRegion} onChange={(multiRegion) => onChange({ multiRegion })}>
          Multi-Region key
          <span className="block text-muted">
            Can be replicated to other Regions of the account later. Cannot be changed afterwards.
          </span>
        </Checkbox>
      )}
    </>
  );
}
