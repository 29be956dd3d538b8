import { isServedRegion, notServed } from '../../contract/partitions.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** What the Region of a partition's global services is called where no Region is meant; AWS SDK for Java signs for it. */
const GLOBAL_REGIONS: Readonly<Record<string, string>> = {
  'aws-global': 'us-east-1',
  'aws-cn-global': 'cn-north-1',
  'aws-us-gov-global': 'us-gov-west-1',
};

/**
 * The Region that a request to a local account is about. A signature is good for whatever its scope names, so this is where a Region that
 * there is not is found out, before anything is kept under its name.
 * @throws AwsError `SignatureDoesNotMatch`, as AWS calls a scope that names no Region of its own
 */
export function servedRegion(service: string, region: string): string {
  const meant = service === 'iam' && Object.hasOwn(GLOBAL_REGIONS, region) ? GLOBAL_REGIONS[region] : undefined;
  if (meant !== undefined) return meant;
  if (isServedRegion(region)) return region;
  throw new AwsError(
    'SignatureDoesNotMatch',
    `Credential should be scoped to a valid region, not '${region}': ${notServed(region)}`,
  );
}
