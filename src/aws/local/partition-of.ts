import { partitions } from '../forward/endpoint-table.ts';

/** The partition of a region: `aws`, `aws-cn`, `aws-us-gov`, …; `aws` for a region that AWS does not have. */
export function partitionOf(region: string): string {
  return partitions.find(({ regions }) => regions.test(region))?.id ?? 'aws';
}
