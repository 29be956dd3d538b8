import { Checkbox } from '../../../ui/checkbox.tsx';
import { TextField } from '../../../ui/field.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import type { Place } from '../kms.ts';
import { useKeyStores } from '../kms-queries.ts';
import { canBeInStore } from './can-be-in-store.ts';
import { canImport, type DraftKey, type DraftProblems, MADE_HERE, purposeOf } from './draft-key.ts';
import { specsIn } from './purposes.ts';

/** Which algorithm, and where the material comes from. */
export function KindStep({
  draft,
  onChange,
  problems,
  place,
}: {
  draft: DraftKey;
  onChange: (change: Partial<DraftKey>) => void;
  problems: DraftProblems;
  place: Place;
}) {
  const purpose = purposeOf(draft);
  const { usage } = purpose;
  const specs = specsIn(purpose, place.region);
  const known = useKeyStores(place).data ?? [];
  const stores = known.filter(
    (store) => store.ConnectionState === 'CONNECTED' && canBeInStore(store.CustomKeyStoreType, draft.spec, usage),
  );
  const kept = known.find((store) => store.CustomKeyStoreId === draft.material);
  /** Whether the material can come from where it was to come from, for another spec too. */
  const stays = (spec: string): boolean =>
    kept === undefined ? canImport(spec) : canBeInStore(kept.CustomKeyStoreType, spec, usage);
  return (
    <>
      <RadioCards
        label={specs.length === 1 ? 'Algorithm' : 'Which algorithm?'}
        columns={specs.length > 1 ? 2 : 1}
        cards={specs.map(({ spec, title, text, note }) => ({
          id: spec,
          title,
          text,
          ...(note === undefined ? {} : { note }),
        }))}
        value={draft.spec}
        onChange={(spec) => onChange({ spec, ...(stays(spec) ? {} : MADE_HERE) })}
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
            ...(store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE'
              ? {
                  title: `A key of ${store.CustomKeyStoreName}`,
                  text: 'It stays with the key manager of this key store, which is asked each time.',
                }
              : {
                  title: `Made in ${store.CustomKeyStoreName}`,
                  text: 'In the token of this key store; usable while that is connected.',
                }),
          })),
        ]}
        value={draft.material}
        onChange={(material) =>
          onChange({
            material,
            external: stores.some(
              (store) => store.CustomKeyStoreId === material && store.CustomKeyStoreType === 'EXTERNAL_KEY_STORE',
            ),
          })
        }
      />
      {draft.external && (
        <TextField
          label="Key id at the key manager"
          mono
          value={draft.xksKeyId}
          onChange={(xksKeyId) => onChange({ xksKeyId })}
          error={problems.xksKeyId ?? null}
          hint="A symmetric AES-256 key that is there already. One key of the KMS can stand for it."
        />
      )}
      {!draft.material.startsWith('cks-') && (
        <Checkbox isSelected={draft.multiRegion} onChange={(multiRegion) => onChange({ multiRegion })}>
          Multi-Region key
          <span className="block text-muted">
            Other Regions of the account can have replicas of it (<code>aws kms replicate-key</code>). Cannot be changed
            afterwards.
          </span>
        </Checkbox>
      )}
    </>
  );
}
