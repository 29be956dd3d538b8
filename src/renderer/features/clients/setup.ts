import { shellQuote } from '../../lib/shell-quote.ts';

export interface SetupFacts {
  /** The client's own key id and, right after it was made, its secret. */
  accessKeyId: string;
  secretAccessKey: string | null;
  endpoint: string;
  region: string;
  profile: string;
  client: string;
}

export interface Setup {
  id: string;
  label: string;
  /** Where the text goes. */
  where: string;
  blocks: ReadonlyArray<{ label: string; text: string }>;
}

/** Stands where the secret goes once it can no longer be shown. */
export const SECRET_PLACEHOLDER = 'THE_CLIENT_SECRET';

/** Ready-made set-up for the tools people use, one after the other. */
export function setupTexts(facts: SetupFacts): Setup[] {
  const secret = facts.secretAccessKey ?? SECRET_PLACEHOLDER;
  const section = `keyhold-${facts.client.replace(/[^\w.@-]+/g, '-')}`;
  const { accessKeyId, endpoint, region } = facts;
  const exports = [
    `export AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `export AWS_SECRET_ACCESS_KEY=${secret}`,
    `export AWS_ENDPOINT_URL=${endpoint}`,
    'export AWS_DISABLE_HOST_PREFIX_INJECTION=true',
    `export AWS_REGION=${region}`,
    `export AWS_DEFAULT_REGION=${region}`,
  ];
  return [
    {
      id: 'exec',
      label: 'keyhold exec',
      where:
        'The shortest way: no client key to store. Each run gets one of its own, and it is gone when the run ends.',
      blocks: [{ label: 'Shell', text: `keyhold exec ${shellQuote(facts.profile)} -- aws sts get-caller-identity` }],
    },
    {
      id: 'cli',
      label: 'AWS CLI',
      where: 'Run this once; it writes the profile into ~/.aws. Then: aws s3 ls --profile ' + section,
      blocks: block('Shell', [
        `aws configure set aws_access_key_id ${accessKeyId} --profile ${section}`,
        `aws configure set aws_secret_access_key ${secret} --profile ${section}`,
        `aws configure set region ${region} --profile ${section}`,
        `aws configure set endpoint_url ${endpoint} --profile ${section}`,
        `aws configure set disable_host_prefix_injection true --profile ${section}`,
      ]),
    },
    {
      id: 'boto3',
      label: 'boto3',
      where: 'In Python. Every client that this session makes signs through Keyhold.',
      blocks: block('Python', [
        'import boto3',
        '',
        'session = boto3.Session(',
        `    aws_access_key_id="${accessKeyId}",`,
        `    aws_secret_access_key="${secret}",`,
        `    region_name="${region}",`,
        ')',
        `s3 = session.client("s3", endpoint_url="${endpoint}")`,
        'print([bucket["Name"] for bucket in s3.list_buckets()["Buckets"]])',
      ]),
    },
    {
      id: 'js',
      label: 'SDK JS v3',
      where: 'In JavaScript or TypeScript.',
      blocks: block('JavaScript', [
        'import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";',
        '',
        'const s3 = new S3Client({',
        `  endpoint: "${endpoint}",`,
        `  region: "${region}",`,
        '  forcePathStyle: true,',
        '  credentials: {',
        `    accessKeyId: "${accessKeyId}",`,
        `    secretAccessKey: "${secret}",`,
        '  },',
        '});',
        'console.log((await s3.send(new ListBucketsCommand({}))).Buckets);',
      ]),
    },
    {
      id: 'terraform',
      label: 'Terraform',
      where: 'The provider stays free of keys; the client key comes from the environment.',
      blocks: [
        ...block('main.tf', [
          'provider "aws" {',
          `  region            = "${region}"`,
          '  s3_use_path_style = true',
          '}',
        ]),
        ...block('Shell', [...exports.slice(0, 4), 'terraform plan']),
      ],
    },
    {
      id: 'env',
      label: 'Environment',
      where: 'For any tool that reads AWS’s own variables.',
      blocks: block('Shell', exports),
    },
  ];
}

function block(label: string, lines: readonly string[]): Setup['blocks'] {
  return [{ label, text: lines.join('\n') }];
}
