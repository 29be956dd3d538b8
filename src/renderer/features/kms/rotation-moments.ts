import type { KmsKeySummary } from '../../../contract/kms.ts';
import { formatDate } from '../../lib/format.ts';
import type { Moment } from '../../ui/timeline.tsx';
import type { Material } from './kms.ts';

/** The moments of a key's timeline: when it was made, every rotation, now, and the next rotation where one is planned. */
export function rotationMoments(key: KmsKeySummary, materials: readonly Material[], now: number): Moment[] {
  const moments: Moment[] = [
    {
      at: Date.parse(key.createdAt),
      kind: 'begin',
      title: `Created on ${formatDate(key.createdAt)}`,
      label: formatDate(key.createdAt),
    },
    { at: now, kind: 'now', title: 'Now', label: 'now' },
  ];
  for (const { RotationDate: date, RotationType: type } of materials) {
    if (date === undefined) continue;
    moments.push({
      at: Date.parse(date),
      kind: type === 'ON_DEMAND' ? 'manual' : 'automatic',
      title: `Rotated on ${formatDate(date)}, ${type === 'ON_DEMAND' ? 'on demand' : 'by schedule'}`,
      label: formatDate(date),
    });
  }
  if (key.rotation !== undefined) {
    const date = key.rotation.nextAt;
    moments.push({
      at: Math.max(now, Date.parse(date)),
      kind: 'next',
      title: `Next rotation on ${formatDate(date)}`,
      label: formatDate(date),
    });
  }
  return moments;
}
