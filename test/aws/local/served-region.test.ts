import { describe, expect, test } from 'vitest';
import { partitions } from '../../../src/aws/forward/endpoint-table.ts';
import { servedRegion } from '../../../src/aws/steps/served-region.ts';
import { isServedRegion, partitionOf } from '../../../src/contract/partitions.ts';

const REGIONS = {
  aws: [
    ['af-south-1', 'ap-east-1', 'ap-east-2', 'ap-northeast-1', 'ap-northeast-3', 'ap-south-2', 'ap-southeast-7'],
    ['ca-central-1', 'ca-west-1', 'eu-central-1', 'eu-central-2', 'eu-north-1', 'eu-south-2', 'eu-west-3'],
    ['il-central-1', 'me-central-1', 'me-south-1', 'mx-central-1', 'sa-east-1', 'us-east-1', 'us-west-2'],
  ].flat(),
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-east-1', 'us-gov-west-1'],
};
/** Of partitions that are not served. */
const FAR = ['eusc-de-east-1', 'us-iso-east-1', 'us-isob-east-1', 'us-isof-south-1', 'eu-isoe-west-1'];
const TYPOS = [
  'us-east',
  'us-east-100',
  'usa-east-1',
  'US-EAST-1',
  'local',
  'us-east-1.',
  'us_east_1',
  'xx-east-1',
  '',
];

test('every Region of the three partitions is in the partition that the endpoint table says', () => {
  for (const [partition, regions] of Object.entries(REGIONS)) {
    for (const region of regions) {
      expect([region, isServedRegion(region), partitionOf(region)]).toEqual([region, true, partition]);
      expect(partitions.find((one) => one.regions.test(region))?.id).toBe(partition);
      expect(servedRegion('kms', region)).toBe(region);
    }
  }
});

test('the table has no further Region in them', () => {
  const served = partitions.filter(({ id }) => Object.hasOwn(REGIONS, id));
  expect(served.map(({ global }) => isServedRegion(global))).toEqual([true, true, true]);
  for (const { id, regions } of served) {
    for (const prefix of [
      'af',
      'ap',
      'ca',
      'cn',
      'eu',
      'il',
      'me',
      'mx',
      'sa',
      'us',
      'us-gov',
      'xx',
      'eusc-de',
      'us-iso',
    ]) {
      const region = `${prefix}-east-1`;
      if (regions.test(region))
        expect([region, isServedRegion(region), partitionOf(region)]).toEqual([region, true, id]);
    }
  }
});

describe('other Regions are refused', () => {
  test.each([...FAR, ...TYPOS])('%s', (region) => {
    expect(isServedRegion(region)).toBe(false);
    expect(() => servedRegion('kms', region)).toThrow(
      expect.objectContaining({
        refusal: 'SignatureDoesNotMatch',
        message: expect.stringMatching(/^Credential should be scoped to a valid region, not '.*choose one like/),
      }),
    );
  });
});

test('only IAM has the Region that stands for a whole partition', () => {
  expect(servedRegion('iam', 'aws-global')).toBe('us-east-1');
  expect(servedRegion('iam', 'aws-cn-global')).toBe('cn-north-1');
  expect(servedRegion('iam', 'aws-us-gov-global')).toBe('us-gov-west-1');
  expect(() => servedRegion('kms', 'aws-global')).toThrow('valid region');
  expect(() => servedRegion('iam', 'constructor')).toThrow('valid region');
});
