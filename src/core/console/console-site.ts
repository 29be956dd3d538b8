/** Where a partition's console is, and its sign-in. */
export interface ConsoleSite {
  /** `https://signin.aws.amazon.com` */
  signin: string;
  /** `console.aws.amazon.com` */
  console: string;
  /** `aws`, in ARNs. */
  partition: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html and the partitions' own guides. Isolated partitions have none that is documented. */
const SITES: readonly { regions: RegExp; site: ConsoleSite }[] = [
  {
    regions: /^cn-/,
    site: { signin: 'https://signin.amazonaws.cn', console: 'console.amazonaws.cn', partition: 'aws-cn' },
  },
  {
    regions: /^us-gov-/,
    site: {
      signin: 'https://signin.amazonaws-us-gov.com',
      console: 'console.amazonaws-us-gov.com',
      partition: 'aws-us-gov',
    },
  },
  {
    regions: /^(?!us-iso|eu-iso|eusc-)/,
    site: { signin: 'https://signin.aws.amazon.com', console: 'console.aws.amazon.com', partition: 'aws' },
  },
];

export function siteOfRegion(region: string): ConsoleSite | null {
  return SITES.find(({ regions }) => regions.test(region))?.site ?? null;
}

/** Services whose pages are not under their own name. */
const PAGES: Readonly<Record<string, string>> = {
  apprunner: 'apprunner/home',
  cloudwatch: 'cloudwatch/home',
  dynamodb: 'dynamodbv2/home',
  iam: 'iam/home',
  logs: 'cloudwatch/home',
  organizations: 'organizations/v2/home',
  route53: 'route53/v2/home',
  s3: 's3/home',
  sfn: 'states/home',
  sns: 'sns/v3/home',
  sqs: 'sqs/v3/home',
  ssm: 'systems-manager/home',
};

/** The page of a service in a region, or the start page. */
export function destinationOf({ console }: ConsoleSite, region: string, service: string | undefined): string {
  const page = service === undefined ? 'console/home' : (PAGES[service] ?? `${service}/home`);
  return `https://${region}.${console}/${page}?region=${region}`;
}

export function loginUrl(
  { signin }: ConsoleSite,
  { destination, token }: { destination: string; token: string },
): string {
  const query = new URLSearchParams({
    Action: 'login',
    Issuer: 'Keyhold',
    Destination: destination,
    SigninToken: token,
  });
  return `${signin}/federation?${query.toString()}`;
}

/** Ends the console session of the browser that opens it. */
export function logoutUrl({ signin, console }: ConsoleSite): string {
  const query = new URLSearchParams({ Action: 'logout', redirect_uri: `https://${console}/` });
  return `${signin}/oauth?${query.toString()}`;
}
