import type { X509KeySpec } from '../protocol.ts';

const SPECS: readonly X509KeySpec[] = ['EC_P256', 'EC_P384', 'RSA_2048', 'RSA_3072', 'RSA_4096'];

export function isX509KeySpec(spec: string): spec is X509KeySpec {
  return SPECS.some((one) => one === spec);
}
