import { shellQuote } from '../../../lib/shell-quote.ts';
import type { Place } from '../kms.ts';

/** The AWS CLI's command for a key store on a token. */
export function createStoreCommand({ account, region }: Place, clusterId = 'cluster-…'): string {
  return `keyhold exec ${shellQuote(account)} -- aws kms create-custom-key-store --region ${region} --custom-key-store-name token --cloud-hsm-cluster-id ${clusterId}`;
}
