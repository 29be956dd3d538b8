import { MalformedPolicyError } from './malformed-policy.ts';

/** How long a policy may be, and what is counted. IAM leaves white space out; KMS counts bytes. */
export interface PolicySize {
  readonly most: number;
  readonly of: 'charactersWithoutWhiteSpace' | 'characters' | 'bytes';
}

function inIam(most: number): PolicySize {
  return { most, of: 'charactersWithoutWhiteSpace' };
}

/** AWS's quotas (IAM and STS quotas; KMS resource quotas; Organizations quotas). Inline sizes are the sum of a principal's policies. */
export const POLICY_SIZES = {
  managed: inIam(6144),
  inlineUser: inIam(2048),
  inlineGroup: inIam(5120),
  inlineRole: inIam(10_240),
  trust: inIam(2048),
  session: { most: 2048, of: 'characters' },
  serviceControl: { most: 10_240, of: 'characters' },
  resourceControl: { most: 5120, of: 'characters' },
  kmsKey: { most: 32_768, of: 'bytes' },
} as const satisfies Record<string, PolicySize>;

/** The most IAM's API takes at all, so nothing longer is even read. */
const MOST_EVER = 131_072;

function measure(text: string, of: PolicySize['of']): number {
  if (of === 'characters') return text.length;
  if (of === 'bytes') return new TextEncoder().encode(text).length;
  return text.replace(/\s/g, '').length;
}

/** Throws `MalformedPolicyError` with fault `size` when `text` is longer than it may be. */
export function checkPolicySize(text: string, size: PolicySize | undefined): void {
  const most = size?.most ?? MOST_EVER;
  if (text.length <= MOST_EVER && (size === undefined || measure(text, size.of) <= most)) return;
  throw new MalformedPolicyError('size', `Cannot exceed quota for PolicySize: ${most}`, { line: 1, column: 1 });
}
