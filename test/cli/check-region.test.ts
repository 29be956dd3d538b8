import { expect, test } from 'vitest';
import { checkRegion } from '../../src/cli/check-region.ts';
import type { Profile } from '../../src/contract/schemas.ts';

function profile(more: Partial<Profile>): Profile {
  return {
    id: 'a'.repeat(32),
    name: 'lab',
    account: 'lab',
    accountId: '123456789012',
    region: 'eu-central-1',
    createdAt: '2026-11-23T12:00:00.000Z',
    clients: 0,
    ...more,
  };
}

test('another Region for a profile of a local account is one that it has', () => {
  const profiles = [profile({}), profile({ name: 'prod', key: 'deploy' }), profile({ name: 'ci', source: 'prod' })];
  checkRegion(profiles, 'lab', 'us-west-2');
  for (const region of ['us-east', 'us-west-22a', 'eusc-de-east-1', '']) {
    expect(() => checkRegion(profiles, 'LAB', region)).toThrow('--region: local accounts have the Regions of');
    // Of what there is at AWS and in stores of its kind, they know best.
    checkRegion(profiles, 'prod', region);
    checkRegion(profiles, 'ci', region);
    checkRegion(profiles, 'not there', region);
  }
});
