import { expect, it } from 'vitest';
import { destinationOf, loginUrl, logoutUrl, siteOfRegion } from '../../../src/core/console/console-site.ts';

it.each([
  ['eu-central-1', 'https://signin.aws.amazon.com', 'https://eu-central-1.console.aws.amazon.com/'],
  ['us-gov-west-1', 'https://signin.amazonaws-us-gov.com', 'https://us-gov-west-1.console.amazonaws-us-gov.com/'],
  ['cn-north-1', 'https://signin.amazonaws.cn', 'https://cn-north-1.console.amazonaws.cn/'],
])('%s signs in at its partition', (region, signin, start) => {
  const site = siteOfRegion(region);
  if (site === null) throw new Error('there is none');
  const destination = destinationOf(site, region, undefined);
  expect(destination).toBe(`${start}console/home?region=${region}`);
  expect(loginUrl(site, { destination, token: 'a+b/c=' })).toBe(
    `${signin}/federation?Action=login&Issuer=Keyhold&Destination=${encodeURIComponent(destination)}&SigninToken=a%2Bb%2Fc%3D`,
  );
  expect(logoutUrl(site).startsWith(`${signin}/oauth?Action=logout&redirect_uri=https%3A%2F%2F`)).toBe(true);
});

it('knows no console of isolated partitions, and where services have their pages', () => {
  expect(['us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1'].map(siteOfRegion)).toEqual([null, null, null]);
  const site = siteOfRegion('us-east-1');
  if (site === null) throw new Error('there is none');
  expect(destinationOf(site, 'us-east-1', 'dynamodb')).toBe(
    'https://us-east-1.console.aws.amazon.com/dynamodbv2/home?region=us-east-1',
  );
  expect(destinationOf(site, 'us-east-1', 'ec2')).toContain('/ec2/home?');
});
