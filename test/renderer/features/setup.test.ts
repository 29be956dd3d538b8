import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { SECRET_PLACEHOLDER, setupTexts } from '../../../src/renderer/features/clients/setup.ts';

const FACTS = {
  accessKeyId: 'KHLDAAAABBBBCCCCDDDD',
  secretAccessKey: null,
  endpoint: 'http://127.0.0.1:4587',
  region: 'eu-central-1',
  profile: 'my prod',
  client: "Ada's laptop",
};
const all = (facts: Parameters<typeof setupTexts>[0]) =>
  setupTexts(facts).flatMap((setup) => setup.blocks.map((block) => ({ id: setup.id, ...block })));

test('covers the tools, in order', () => {
  expect(setupTexts(FACTS).map((setup) => setup.label)).toEqual([
    'keyhold exec',
    'AWS CLI',
    'boto3',
    'SDK JS v3',
    'Terraform',
    'Environment',
  ]);
});

test('says where the secret goes when it is no longer known, and puts it in when it is', () => {
  const secret = 'k'.repeat(40);
  const withSecret = all({ ...FACTS, secretAccessKey: secret });
  for (const [index, block] of all(FACTS).entries()) {
    expect(withSecret[index]?.text).toBe(block.text.replaceAll(SECRET_PLACEHOLDER, secret));
  }
  expect(all(FACTS).filter((block) => block.text.includes(SECRET_PLACEHOLDER)).length).toBeGreaterThanOrEqual(5);
  expect(all(FACTS).find((block) => block.id === 'exec')?.text).not.toContain(SECRET_PLACEHOLDER);
});

test('shell blocks are valid shell, with names quoted', () => {
  for (const block of all(FACTS).filter((one) => one.label === 'Shell')) {
    execFileSync('sh', ['-n'], { input: block.text });
  }
  expect(all(FACTS)[0]?.text).toBe("keyhold exec 'my prod' -- aws sts get-caller-identity");
});

test('the environment names the endpoint and the region both ways', () => {
  const text = all(FACTS).find((block) => block.id === 'env')?.text ?? '';
  const printed = execFileSync('sh', ['-c', `${text}\nenv`], { encoding: 'utf8', env: { PATH: process.env['PATH'] } });
  for (const line of [
    'AWS_ACCESS_KEY_ID=KHLDAAAABBBBCCCCDDDD',
    'AWS_ENDPOINT_URL=http://127.0.0.1:4587',
    'AWS_REGION=eu-central-1',
    'AWS_DEFAULT_REGION=eu-central-1',
  ]) {
    expect(printed).toContain(line);
  }
});
