import { findJsonFault } from '../../../lib/json-position.ts';
import { shellQuote } from '../../../lib/shell-quote.ts';
import { parseTags, tagsError } from '../../../lib/tags.ts';
import { aliasProblem } from '../check-alias.ts';
import type { KmsTag } from '../kms.ts';
import { PURPOSES, type Purpose } from './purposes.ts';

/** Everything that the wizard asks. */
export interface DraftKey {
  purpose: string;
  spec: string;
  /** AWS_KMS, EXTERNAL, or the id of a custom key store. */
  material: string;
  /** Whether that store is an external key manager’s, whose keys have ids of their own there. */
  external: boolean;
  xksKeyId: string;
  multiRegion: boolean;
  alias: string;
  description: string;
  /** `team=payments, tier=1` */
  tags: string;
  /** ARNs that the policy lets use the key. */
  users: readonly string[];
  /** A policy written by hand; null for the one that follows from `users`. */
  policy: string | null;
}

/** Material of the usual kind. */
export const MADE_HERE = { material: 'AWS_KMS', external: false } as const;

export const FIRST_DRAFT: DraftKey = {
  purpose: PURPOSES[0].id,
  spec: PURPOSES[0].specs[0].spec,
  ...MADE_HERE,
  xksKeyId: '',
  multiRegion: false,
  alias: '',
  description: '',
  tags: '',
  users: [],
  policy: null,
};

export function purposeOf(draft: DraftKey): Purpose {
  return PURPOSES.find((purpose) => purpose.id === draft.purpose) ?? PURPOSES[0];
}

/** Imported and store-held material comes in fewer kinds than what the HSM makes. */
export function canImport(spec: string): boolean {
  return !spec.startsWith('ML_');
}

export function tagsOf(draft: DraftKey): KmsTag[] {
  const parsed = parseTags(draft.tags);
  return 'error' in parsed ? [] : Object.entries(parsed.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}

export type DraftProblems = Partial<Record<'xksKeyId' | 'alias' | 'tags' | 'policy', string>>;

/** XksKeyId of KMS’s API. */
const XKS_KEY_ID = /^[a-zA-Z0-9_.-]{1,128}$/;

export function problemsOf(draft: DraftKey): DraftProblems {
  const alias = draft.alias === '' ? null : aliasProblem(draft.alias);
  const tags = tagsError(draft.tags);
  const fault = draft.policy === null ? null : findJsonFault(draft.policy);
  const misnamed = draft.external && !XKS_KEY_ID.test(draft.xksKeyId);
  return {
    ...(misnamed
      ? { xksKeyId: 'Say which key of the key manager: letters, digits, dots, dashes and underscores.' }
      : {}),
    ...(alias === null ? {} : { alias }),
    ...(tags === null ? {} : { tags }),
    ...(fault === null ? {} : { policy: fault.message }),
  };
}

/** What CreateKey is asked; the alias is another call. */
export function createKeyInput(draft: DraftKey, policy: string) {
  const { usage } = purposeOf(draft);
  const store = draft.material.startsWith('cks-');
  const tags = tagsOf(draft);
  return {
    KeySpec: draft.spec,
    KeyUsage: usage,
    Origin: store ? (draft.external ? 'EXTERNAL_KEY_STORE' : 'AWS_CLOUDHSM') : draft.material,
    ...(store ? { CustomKeyStoreId: draft.material } : {}),
    ...(store && draft.external ? { XksKeyId: draft.xksKeyId } : {}),
    ...(draft.multiRegion && !store ? { MultiRegion: true } : {}),
    ...(draft.description === '' ? {} : { Description: draft.description }),
    ...(tags.length === 0 ? {} : { Tags: tags }),
    Policy: policy,
  };
}

/** The same as a command of the AWS CLI, without the policy where it is the usual one. */
export function createKeyCommand(draft: DraftKey, profile: string, region: string, policy: string | null): string {
  const input = createKeyInput(draft, '');
  const words = [
    'keyhold exec',
    shellQuote(profile),
    '-- aws kms create-key --region',
    region,
    '--key-spec',
    input.KeySpec,
    '--key-usage',
    input.KeyUsage,
    ...(input.Origin === 'AWS_KMS' ? [] : ['--origin', input.Origin]),
    ...(input.CustomKeyStoreId === undefined ? [] : ['--custom-key-store-id', input.CustomKeyStoreId]),
    ...(input.XksKeyId === undefined ? [] : ['--xks-key-id', shellQuote(input.XksKeyId)]),
    ...(input.MultiRegion === true ? ['--multi-region'] : []),
    ...(input.Description === undefined ? [] : ['--description', shellQuote(input.Description)]),
    ...(input.Tags === undefined
      ? []
      : ['--tags', ...input.Tags.map((tag) => shellQuote(`TagKey=${tag.TagKey},TagValue=${tag.TagValue}`))]),
    ...(policy === null ? [] : ['--policy file://policy.json']),
  ];
  return words.join(' ');
}
