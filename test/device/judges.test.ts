import { expect, test } from 'vitest';
import { whyNoFido2Python, whyNoFido2Tools, whyNoOathtool, whyNoYkman } from './judges.ts';
import { whyNoNodeHid } from './remote-hid.ts';

/** Where everything is meant to be installed (.ci/run), a suite that skips is one that nobody would miss. */
test.runIf(process.env['KEYHOLD_TEST_NO_SKIPS'] === '1').each([
  ['node-hid', whyNoNodeHid],
  ['libfido2', whyNoFido2Tools],
  ['python-fido2', whyNoFido2Python],
  ['ykman', whyNoYkman],
  ['oathtool', whyNoOathtool],
])('%s is here', (_name, whyNot) => {
  expect(whyNot()).toBeNull();
});
