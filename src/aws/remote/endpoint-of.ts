import { KeyholdError } from '../../contract/errors.ts';
import { type Endpoint, resolveEndpoint } from '../forward/resolve-endpoint.ts';
import { AwsError } from '../protocol/aws-error.ts';

/** Where a service is asked by Keyhold itself. Throws `InvalidInput` for one that is nowhere in the region. */
export function endpointOf({
  endpointUrl,
  ...question
}: {
  /** Signing name. */
  service: string;
  region: string;
  endpointUrl?: string | undefined;
  isQuery?: boolean;
}): Endpoint {
  const where = endpointUrl === undefined ? {} : { endpointUrl };
  try {
    return resolveEndpoint({ ...question, method: 'POST', path: '/', ...where });
  } catch (error) {
    if (error instanceof AwsError) throw new KeyholdError('InvalidInput', error.message, undefined, { cause: error });
    throw error;
  }
}
