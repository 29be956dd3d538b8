/** Partitions by the domain their hosts end in, with the region of their global hosts. */
const DOMAINS: readonly { suffix: string; globalRegion: string }[] = [
  { suffix: '.amazonaws.com.cn', globalRegion: 'cn-north-1' },
  { suffix: '.amazonaws.com', globalRegion: 'us-east-1' },
  { suffix: '.api.aws', globalRegion: 'us-east-1' },
  { suffix: '.on.aws', globalRegion: 'us-east-1' },
];

const REGION = /^[a-z]{2}(-[a-z0-9]+)+-\d$/;

/** Host labels that differ from the name a service signs with. */
const SIGNING_NAMES: Readonly<Record<string, string>> = {
  email: 'ses',
  'runtime.lex': 'lex',
  'execute-api': 'execute-api',
  'lambda-url': 'lambda',
  'dynamodb-fips': 'dynamodb',
  'streams.dynamodb': 'dynamodb',
  monitoring: 'monitoring',
  'api.ecr': 'ecr',
  'data.iot': 'iotdata',
  'bedrock-runtime': 'bedrock',
  'bedrock-agent-runtime': 'bedrock',
};

/**
 * Signing name and region that an AWS host name says: `sts.eu-west-1.amazonaws.com`, `iam.amazonaws.com`, `bucket.s3.us-west-2.amazonaws.com`. Null for
 * any other host.
 */
export function serviceOfHost(hostname: string): { service: string; region: string } | null {
  const host = hostname.toLowerCase();
  const domain = DOMAINS.find(({ suffix }) => host.endsWith(suffix));
  if (domain === undefined) return null;
  const labels = host
    .slice(0, -domain.suffix.length)
    .split('.')
    .filter((label) => label !== 'dualstack');
  const s3 = serviceOfS3(labels, domain.globalRegion);
  if (s3 !== null) return s3;
  const at = labels.findLastIndex((label) => REGION.test(label));
  const region = at === -1 ? globalRegion(labels[0] ?? '', domain.globalRegion) : (labels[at] ?? domain.globalRegion);
  // A host of one's own (API ids, function URLs, virtual hosts) is before the service.
  const names = at === -1 ? labels : labels.slice(0, at);
  const two = names.slice(-2).join('.');
  const one = (names.at(-1) ?? '').replace(/-fips$/, '');
  if (one === '') return null;
  return { service: SIGNING_NAMES[two] ?? SIGNING_NAMES[one] ?? one, region };
}

function globalRegion(label: string, fallback: string): string {
  return label.endsWith('-us-gov') ? 'us-gov-west-1' : fallback;
}

/** S3 has the bucket, its own region spellings and `s3-` prefixes in its names. */
function serviceOfS3(labels: readonly string[], globalRegionName: string): { service: string; region: string } | null {
  const at = labels.findLastIndex(
    (label) => label === 's3' || label === 's3-fips' || /^s3-[a-z]{2}(-[a-z0-9]+)+-\d$/.test(label),
  );
  if (at === -1) return null;
  const label = labels[at] ?? '';
  const next = labels[at + 1];
  if (next !== undefined && REGION.test(next)) return { service: 's3', region: next };
  if (next !== undefined) return null;
  const dashed = label.startsWith('s3-') && label !== 's3-fips' ? label.slice(3) : undefined;
  return { service: 's3', region: dashed ?? globalRegionName };
}
