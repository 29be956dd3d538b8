import type { XksProxyConnectivityType } from '@aws-sdk/client-kms';
import { KmsError } from '../../../../core/kms/kms-error.ts';
import type { Things } from '../../../../core/things.ts';
import type { OperationContext } from '../../../local/operation-context.ts';
import { keyStoresIn } from '../key-stores.ts';
import type { XksProxy } from './call-proxy.ts';
import { checkProxyHealth } from './proxy-api.ts';
import { asProxyError, ProxyFailure } from './proxy-failure.ts';

/** There are no VPCs here. Throws XksProxyVpcEndpointServiceNotFoundException or ValidationException. */
export function refuseVpcEndpoint(
  input: {
    readonly XksProxyVpcEndpointServiceName?: string | undefined;
    readonly XksProxyVpcEndpointServiceOwner?: string | undefined;
  },
  connectivity: XksProxyConnectivityType,
): void {
  const service = input.XksProxyVpcEndpointServiceName;
  if (connectivity === 'VPC_ENDPOINT_SERVICE') {
    if (service === undefined) {
      const message = 'XksProxyVpcEndpointServiceName is required for XksProxyConnectivity VPC_ENDPOINT_SERVICE.';
      throw new KmsError('ValidationException', message);
    }
    const message = `The VPC endpoint service ${service} is not found: here are no VPCs. Use XksProxyConnectivity PUBLIC_ENDPOINT.`;
    throw new KmsError('XksProxyVpcEndpointServiceNotFoundException', message);
  }
  if ((service ?? input.XksProxyVpcEndpointServiceOwner) !== undefined) {
    const message = `A VPC endpoint service is not valid for XksProxyConnectivity ${connectivity}.`;
    throw new KmsError('ValidationException', message);
  }
}

/** Throws XksProxyUriInUseException when another store of the account and Region has this endpoint with this path. */
export function requireFreeProxy(
  ctx: OperationContext,
  things: Things,
  { uriEndpoint, uriPath }: { uriEndpoint: string; uriPath: string },
  except?: string,
): void {
  const taken = keyStoresIn(ctx, things).some(
    ({ id, value: { backing } }) =>
      id !== except &&
      backing.type === 'EXTERNAL_KEY_STORE' &&
      backing.uriEndpoint.toLowerCase() === uriEndpoint.toLowerCase() &&
      backing.uriPath === uriPath,
  );
  if (!taken) return;
  const message = `${uriEndpoint}${uriPath} is already associated with another external key store.`;
  throw new KmsError('XksProxyUriInUseException', message);
}

/** Asks the proxy how it is. Throws XksProxy…Exception. */
export async function requireHealthyProxy(ctx: OperationContext, proxy: XksProxy): Promise<void> {
  try {
    await checkProxyHealth(ctx, proxy);
  } catch (error) {
    if (error instanceof ProxyFailure) {
      const { trouble, message } = error;
      ctx.log.warn('an external key store proxy is not fit to be used', { trouble, message, requestId: ctx.requestId });
    }
    throw asProxyError(error, 'store');
  }
}
