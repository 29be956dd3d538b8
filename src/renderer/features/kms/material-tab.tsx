import { RefreshCw, Trash2, Upload } from 'lucide-react';
import { useState } from 'react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { asWireError } from '../../api/error.ts';
import { plural } from '../../lib/format.ts';
import { useLate } from '../../lib/use-late.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Section } from '../../ui/facts.tsx';
import { Timeline } from '../../ui/timeline.tsx';
import { notify } from '../../ui/toast-store.ts';
import { openDialog } from '../dialogs/dialog-store.ts';
import { keyTitle } from './key-words.ts';
import { kmsCall } from './kms.ts';
import { placeOf, useKmsChange, useMaterials } from './kms-queries.ts';
import { MaterialList } from './material-list.tsx';
import { rotationMoments } from './rotation-moments.ts';
import { RotationSchedule } from './rotation-schedule.tsx';

/** The backing keys of a key, when each took over from the one before, and when the next will. */
export function MaterialTab({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const imported = key.origin === 'EXTERNAL';
  return (
    <>
      {key.rotatable && <RotationSection kmsKey={key} />}
      {imported && <ImportSection kmsKey={key} />}
    </>
  );
}

function RotationSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const materials = useMaterials(key);
  const late = useLate(materials.data === undefined && materials.error === null);
  const rotate = useKmsChange(() => kmsCall(placeOf(key), 'RotateKeyOnDemand', { KeyId: key.keyId }));
  const own = key.manager === 'CUSTOMER';
  const imported = key.origin === 'EXTERNAL';
  const items = materials.data?.items ?? [];
  const waiting = items.some((material) => material.KeyMaterialState === 'PENDING_ROTATION');
  return (
    <>
      <Section title="Rotation">
        <p className="text-muted">
          {imported
            ? 'Import new material, then rotate to it. What was encrypted before stays readable as long as the old material is there.'
            : 'A rotation makes new material for the same key. Tools notice nothing: what was encrypted before stays readable.'}
        </p>
        {materials.error !== null ? (
          <ErrorCallout
            error={asWireError(materials.error)}
            actions={
              <Button size="compact" onPress={() => void materials.refetch()}>
                Try again
              </Button>
            }
          />
        ) : materials.data === undefined ? (
          late && <p className="text-muted">Reading the rotations…</p>
        ) : (
          <RotationPicture kmsKey={key} materials={items} />
        )}
        {own && !imported && <RotationSchedule kmsKey={key} />}
        {own && key.multiRegion !== 'REPLICA' && (
          <div className="flex flex-wrap items-center gap-3">
            <Button
              icon={<RefreshCw size={16} aria-hidden="true" />}
              isDisabled={rotate.isPending || key.state !== 'Enabled' || (imported && !waiting)}
              onPress={() =>
                rotate.mutate(undefined, {
                  onSuccess: () => notify({ message: `“${keyTitle(key)}” has new material.` }),
                })
              }
            >
              {imported ? 'Rotate to the new material' : 'Rotate now'}
            </Button>
            <span className="text-muted">
              {imported && !waiting
                ? 'Needs new material to be imported first.'
                : 'At most 25 times in the life of a key.'}
            </span>
          </div>
        )}
        {rotate.isError && <ErrorCallout error={asWireError(rotate.error)} />}
      </Section>
      {items.length > 0 && (
        <Section title={plural(items.length, 'material version')}>
          <MaterialList kmsKey={key} materials={items} />
        </Section>
      )}
    </>
  );
}

function RotationPicture({
  kmsKey: key,
  materials,
}: {
  kmsKey: KmsKeySummary;
  materials: Parameters<typeof rotationMoments>[1];
}) {
  const moments = rotationMoments(key, materials, Date.now());
  const past = moments.filter((moment) => moment.kind === 'automatic' || moment.kind === 'manual').length;
  const next = moments.find((moment) => moment.kind === 'next');
  return (
    <div className="flex flex-col gap-1">
      <Timeline
        moments={moments}
        label={`Timeline: ${past === 0 ? 'never rotated' : `rotated ${past === 1 ? 'once' : `${past} times`}`}${next === undefined ? '' : `, ${next.title.toLowerCase()}`}`}
      />
      {past > 0 && (
        <p aria-hidden="true" className="flex flex-wrap gap-x-4 text-muted">
          <span className="flex items-center gap-1.5">
            <span className="size-2.5 rounded-full bg-accent" /> by schedule
          </span>
          <span className="flex items-center gap-1.5">
            <span className="size-2 rotate-45 bg-accent" /> on demand
          </span>
        </p>
      )}
    </div>
  );
}

/** What can be done with imported material. */
function ImportSection({ kmsKey: key }: { kmsKey: KmsKeySummary }) {
  const [sure, setSure] = useState(false);
  const remove = useKmsChange(() => kmsCall(placeOf(key), 'DeleteImportedKeyMaterial', { KeyId: key.keyId }));
  const has = key.state !== 'PendingImport';
  return (
    <Section title="Imported material">
      <p className="text-muted">
        You made it and keep a copy: Keyhold cannot bring it back once it is deleted or has expired, and you can import
        the same material again at any time.
      </p>
      <div className="flex flex-wrap gap-2">
        <Button icon={<Upload size={16} aria-hidden="true" />} onPress={() => openDialog({ kind: 'kms.import', key })}>
          Import material…
        </Button>
        {has && !sure && (
          <Button variant="danger-ghost" icon={<Trash2 size={16} aria-hidden="true" />} onPress={() => setSure(true)}>
            Delete the material…
          </Button>
        )}
      </div>
      {has && sure && (
        <Callout
          tone="warning"
          live
          title="Delete the current material?"
          actions={
            <>
              <Button size="compact" autoFocus onPress={() => setSure(false)}>
                Keep
              </Button>
              <Button
                size="compact"
                variant="danger"
                isDisabled={remove.isPending}
                onPress={() => remove.mutate(undefined, { onSuccess: () => setSure(false) })}
              >
                Delete the material
              </Button>
            </>
          }
        >
          The key cannot be used from then on, until exactly this material is imported again. Be sure to have your copy.
        </Callout>
      )}
      {remove.isError && <ErrorCallout error={asWireError(remove.error)} />}
    </Section>
  );
}
