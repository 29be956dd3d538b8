import type { X509KeySpec } from '../protocol.ts';
import type { NodeKey } from './node-keys.ts';

const SPECS: readonly X509KeySpec[] = ['EC_P256', 'EC_P384', 'RSA_2048', 'RSA_3072', 'RSA_4096'];

export function isX509KeySpec(spec: string): spec is X509KeySpec {
  return SPECS.some((one) => one === spec);
}

/** Null for a kind of key that no certificate here has. */
export function x509SpecOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: NodeKey): X509KeySpec | null {
  const name =
    type === 'rsa' ? `RSA_${details?.modulusLength}` : type === 'ec' ? CURVES[details?.namedCurve ?? ''] : undefined;
  return name !== undefined && isX509KeySpec(name) ? name : null;
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'EC_P256', secp384r1: 'EC_P384' };
