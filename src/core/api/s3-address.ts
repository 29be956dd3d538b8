export interface S3Address {
  scheme: 'http' | 'https';
  /** With the port, where it is not the scheme's own. */
  host: string;
  /** `` or `/bucket`, encoded. */
  pathPrefix: string;
}

/** S3's domain in each partition, by the beginning of the region's name. */
const DOMAINS: readonly { prefix: string; domain: string }[] = [
  { prefix: 'cn-', domain: 'amazonaws.com.cn' },
  { prefix: 'us-iso-', domain: 'c2s.ic.gov' },
  { prefix: 'us-isob-', domain: 'sc2s.sgov.gov' },
  { prefix: 'us-isof-', domain: 'csp.hci.ic.gov' },
  { prefix: 'eu-isoe-', domain: 'cloud.adc-e.uk' },
  { prefix: 'eusc-', domain: 'amazonaws.eu' },
];

/** Names that can be a host label under S3's wildcard certificate: DNS rules, and no dots. */
const HOST_LABEL = /^[a-z0-9](?:[a-z0-9-]{1,61}[a-z0-9])$/;

/**
 * Where a bucket is: as part of the host name, or of the path where the name cannot be one (dots, capitals, underscores, too long) or the account has an endpoint of its
 * own.
 */
export function s3Address(bucket: string, region: string, endpointUrl: string | undefined): S3Address {
  const segment = encodeURIComponent(bucket);
  if (endpointUrl !== undefined) {
    const url = new URL(endpointUrl);
    const base = url.pathname.replace(/\/+$/, '');
    return { scheme: url.protocol === 'http:' ? 'http' : 'https', host: url.host, pathPrefix: `${base}/${segment}` };
  }
  const domain = DOMAINS.find(({ prefix }) => region.startsWith(prefix))?.domain ?? 'amazonaws.com';
  const host = `s3.${region}.${domain}`;
  if (!HOST_LABEL.test(bucket)) return { scheme: 'https', host, pathPrefix: `/${segment}` };
  return { scheme: 'https', host: `${bucket}.${host}`, pathPrefix: '' };
}
