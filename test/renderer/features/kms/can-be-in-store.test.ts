import { expect, test } from 'vitest';
import { KEY_SPECS, KEY_USAGES } from '../../../../src/core/kms/specs.ts';
import { tokenKeyKind } from '../../../../src/core/kms/token-keys.ts';
import { canBeInStore } from '../../../../src/renderer/features/kms/create/can-be-in-store.ts';
import { PURPOSES } from '../../../../src/renderer/features/kms/create/purposes.ts';

const WANTED = PURPOSES.flatMap((purpose) => purpose.specs.map(({ spec }) => [spec, purpose.usage] as const));

test.each(WANTED)('%s for %s is offered in a token where the KMS makes it there', (wantedSpec, wantedUsage) => {
  const spec = KEY_SPECS.find((one) => one === wantedSpec);
  const usage = KEY_USAGES.find((one) => one === wantedUsage);
  if (spec === undefined || usage === undefined) throw new Error('the KMS does not know it');
  const kind = tokenKeyKind(spec, usage);
  expect(canBeInStore('AWS_CLOUDHSM', wantedSpec, wantedUsage)).toBe(kind !== null);
  expect(canBeInStore('EXTERNAL_KEY_STORE', wantedSpec, wantedUsage)).toBe(wantedSpec === 'SYMMETRIC_DEFAULT');
});
