import { CircleCheck, History, Hourglass, TriangleAlert } from 'lucide-react';
import type { KmsKeySummary } from '../../../contract/kms.ts';
import { Badge } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import type { Material } from './kms.ts';

/** The materials of a key, the newest first. */
export function MaterialList({ kmsKey: key, materials }: { kmsKey: KmsKeySummary; materials: readonly Material[] }) {
  return (
    <ol className="flex flex-col">
      {[...materials].reverse().map((material) => (
        <li
          key={material.KeyMaterialId}
          className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line py-1 last:border-b-0"
        >
          <MaterialState material={material} />
          <span className="mono" title={material.KeyMaterialId}>
            {material.KeyMaterialId.slice(0, 12)}…
          </span>
          <CopyButton text={material.KeyMaterialId} label="Copy the id of this material" />
          {material.KeyMaterialDescription !== undefined && (
            <span className="min-w-0 truncate">{material.KeyMaterialDescription}</span>
          )}
          <span className="flex-1" />
          {material.ValidTo !== undefined && (
            <span className="text-warn-ink">
              expires <RelativeTime instant={material.ValidTo} />
            </span>
          )}
          <span className="text-muted">
            {material.RotationDate === undefined ? (
              material.KeyMaterialState.startsWith('PENDING') ? (
                'not in use yet'
              ) : (
                <>
                  since <RelativeTime instant={key.createdAt} />
                </>
              )
            ) : (
              <>
                {material.RotationType === 'ON_DEMAND' ? 'on demand' : 'by schedule'}{' '}
                <RelativeTime instant={material.RotationDate} />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function MaterialState({ material }: { material: Material }) {
  if (material.ImportState === 'PENDING_IMPORT') {
    return (
      <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
        missing
      </Badge>
    );
  }
  switch (material.KeyMaterialState) {
    case 'CURRENT':
      return (
        <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
          current
        </Badge>
      );
    case 'NON_CURRENT':
      return <Badge icon={<History size={12} aria-hidden="true" />}>decrypts only</Badge>;
    default:
      return <Badge icon={<Hourglass size={12} aria-hidden="true" />}>waits for rotation</Badge>;
  }
}
