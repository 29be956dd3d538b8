import type { ServiceRules } from './types.ts';

const S3: ServiceRules = {
  doubleEncodePath: false,
  normalizePath: false,
  contentSha256Header: true,
  presignUnsignedPayload: true,
};
const OTHERS: ServiceRules = {
  doubleEncodePath: true,
  normalizePath: true,
  contentSha256Header: false,
  presignUnsignedPayload: false,
};

/** Signing rules of a service, by its signing name. */
export function serviceRules(service: string): ServiceRules {
  switch (service) {
    case 's3':
    case 's3express':
    case 's3-outposts':
    case 's3-object-lambda':
      return S3;
    default:
      return OTHERS;
  }
}
