/** The partitions of AWS that local accounts have Regions of, and what their Regions are called. */
const PARTITIONS = {
  aws: /^(?:af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-\d{1,2}$/,
  'aws-cn': /^cn-[a-z]+-\d{1,2}$/,
  'aws-us-gov': /^us-gov-[a-z]+-\d{1,2}$/,
} as const;

type Partition = keyof typeof PARTITIONS;

/** The partition that ARNs of a local account name in a Region; other names than China's and GovCloud's are the commercial one's. */
export function partitionOf(region: string): Partition {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}

/** Whether local accounts have this Region: one of AWS's in `aws`, `aws-cn` or `aws-us-gov`, by its name's form. */
export function isServedRegion(region: string): boolean {
  return PARTITIONS[partitionOf(region)].test(region);
}

/** Why a local account does not take a Region, for the person. */
export function notServed(region: string): string {
  return `local accounts have the Regions of AWS’s partitions aws, aws-cn and aws-us-gov, and ${region} is none of them; choose one like eu-central-1.`;
}
