import {
  Ban,
  CircleCheck,
  Cloud,
  ExternalLink,
  Fingerprint,
  Handshake,
  HardDrive,
  Hourglass,
  LockKeyhole,
  type LucideIcon,
  PackageOpen,
  PenLine,
  RefreshCw,
  TriangleAlert,
  Unplug,
  Upload,
} from 'lucide-react';
import type { KmsKeyState, KmsKeySummary } from '../../../contract/kms.ts';
import { Badge } from '../../ui/badge.tsx';
import { isRotationDue, stateWords, usageWords } from './key-words.ts';

const STATE_LOOKS: Readonly<Record<KmsKeyState, { tone: 'plain' | 'good' | 'warn' | 'bad'; Icon: LucideIcon }>> = {
  Enabled: { tone: 'good', Icon: CircleCheck },
  Disabled: { tone: 'plain', Icon: Ban },
  Creating: { tone: 'plain', Icon: RefreshCw },
  Updating: { tone: 'plain', Icon: RefreshCw },
  PendingDeletion: { tone: 'bad', Icon: Hourglass },
  PendingReplicaDeletion: { tone: 'bad', Icon: Hourglass },
  PendingImport: { tone: 'warn', Icon: Upload },
  Unavailable: { tone: 'warn', Icon: Unplug },
};

const USAGE_ICONS: Readonly<Record<string, LucideIcon>> = {
  ENCRYPT_DECRYPT: LockKeyhole,
  SIGN_VERIFY: PenLine,
  GENERATE_VERIFY_MAC: Fingerprint,
  KEY_AGREEMENT: Handshake,
  ENCAPSULATE_DECAPSULATE: PackageOpen,
};

export function UsageIcon({ usage }: { usage: string }) {
  const Icon = USAGE_ICONS[usage] ?? LockKeyhole;
  return <Icon size={16} aria-label={usageWords(usage)} className="shrink-0 text-muted" />;
}

const ORIGINS: Readonly<Partial<Record<KmsKeySummary['origin'], { word: string; Icon: LucideIcon }>>> = {
  EXTERNAL: { word: 'imported', Icon: Upload },
  AWS_CLOUDHSM: { word: 'token', Icon: HardDrive },
  EXTERNAL_KEY_STORE: { word: 'external', Icon: ExternalLink },
};

/** For a row: where its material is from, where that is not the HSM; or that AWS’s services manage it. */
export function OriginMark({ kmsKey }: { kmsKey: KmsKeySummary }) {
  const mark = kmsKey.manager === 'AWS' ? { word: 'AWS', Icon: Cloud } : ORIGINS[kmsKey.origin];
  if (mark === undefined || kmsKey.state === 'PendingImport') return null;
  return (
    <span className="flex shrink-0 items-center gap-1 text-muted">
      <mark.Icon size={12} aria-hidden="true" />
      {mark.word}
    </span>
  );
}

export function KmsKeyBadges({ kmsKey, now }: { kmsKey: KmsKeySummary; now: number }) {
  const { tone, Icon } = STATE_LOOKS[kmsKey.state];
  return (
    <>
      <Badge tone={tone} icon={<Icon size={12} aria-hidden="true" />}>
        {stateWords(kmsKey.state)}
      </Badge>
      {kmsKey.manager === 'AWS' && <Badge icon={<Cloud size={12} aria-hidden="true" />}>AWS managed</Badge>}
      {kmsKey.multiRegion !== undefined && (
        <Badge>{kmsKey.multiRegion === 'PRIMARY' ? 'multi-Region primary' : 'multi-Region replica'}</Badge>
      )}
      {isRotationDue(kmsKey, now) && (
        <Badge tone="warn" icon={<TriangleAlert size={12} aria-hidden="true" />}>
          rotation due
        </Badge>
      )}
    </>
  );
}

/** Where a row has less room than a badge, its name comes first. */
const SHORT_STATES: Readonly<Partial<Record<KmsKeyState, string>>> = {
  PendingDeletion: 'deletion',
  PendingImport: 'to import',
};

const ROW_TONES = {
  plain: 'text-muted',
  good: 'text-accent-ink',
  warn: 'text-warn-ink',
  bad: 'text-danger-ink',
} as const;

/** For a row: what is special about the key, or nothing. */
export function KmsKeyMark({ kmsKey, now }: { kmsKey: KmsKeySummary; now: number }) {
  if (kmsKey.state !== 'Enabled') {
    const { tone, Icon } = STATE_LOOKS[kmsKey.state];
    return (
      <span className={`flex shrink-0 items-center gap-1 ${ROW_TONES[tone]}`}>
        <Icon size={12} aria-hidden="true" />
        {SHORT_STATES[kmsKey.state] ?? stateWords(kmsKey.state)}
      </span>
    );
  }
  if (!isRotationDue(kmsKey, now)) return null;
  return (
    <span className="flex shrink-0 items-center gap-1 font-medium text-warn-ink">
      <TriangleAlert size={12} aria-hidden="true" />
      due
    </span>
  );
}
