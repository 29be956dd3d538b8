import type { Credential } from '../../contract/credentials.ts';
import type { Cli } from '../cli.ts';
import { facts, table } from '../table.ts';
import { age, relativeTime } from '../words.ts';

const SERVICES: Readonly<Record<NonNullable<Credential['service']>, string>> = {
  'codecommit.amazonaws.com': 'CodeCommit',
  'cassandra.amazonaws.com': 'Keyspaces',
  'bedrock.amazonaws.com': 'Bedrock',
};

export function whatText({ type, service, region }: Credential): string {
  if (type === 'smtp') return `SMTP password, ${region ?? ''}`;
  if (type === 'sshKey') return 'SSH key, CodeCommit';
  const name = service === undefined ? '' : SERVICES[service];
  return name === 'Bedrock' ? 'API key, Bedrock' : `password, ${name}`;
}

export function credentialsText(cli: Cli, credentials: readonly Credential[]): string {
  if (credentials.length === 0) {
    return 'No credentials besides access keys yet. Add one with: keyhold credential add\n';
  }
  return table(
    [
      { title: 'Name' },
      { title: 'What' },
      { title: 'Account' },
      { title: 'Key' },
      { title: 'User' },
      { title: 'Age', align: 'right' },
    ],
    credentials.map((one) => [
      one.name,
      whatText(one),
      one.account,
      one.key,
      one.state === 'unfinished' ? '(not complete)' : (one.userName ?? ''),
      one.type === 'smtp' ? '' : age(one.issuedAt ?? one.createdAt, cli.now()),
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

export function credentialText(cli: Cli, one: Credential): string {
  const when = (at: string | undefined) => (at === undefined ? undefined : `${at} (${relativeTime(at, cli.now())})`);
  const pairs: Array<readonly [string, string | undefined]> = [
    ['Name', one.name],
    ['What', whatText(one)],
    ['Account', one.account],
    ['Access key', one.key],
    ['Id', one.credentialId],
    ['User', one.userName],
    ['Public key', one.publicKey],
    ['Fingerprint', one.fingerprint],
    ['Made', when(one.issuedAt)],
    ['Ends', when(one.expiresAt)],
    ['Due', when(one.dueAt)],
    ['Note', one.note === '' ? undefined : one.note],
    ['Replaces', one.dying === undefined ? undefined : dyingText(one.dying)],
    ['', one.state === 'ready' ? undefined : 'It is not complete: add it once more with the same name.'],
  ];
  return facts(pairs.flatMap(([label, value]) => (value === undefined ? [] : [[label, value] as const])));
}

/** What tools may still have. */
function dyingText({ credentialId, userName, until }: NonNullable<Credential['dying']>): string {
  const named = userName === undefined || userName === credentialId ? credentialId : `${credentialId} (${userName})`;
  return until === undefined ? `${named}, which works until you confirm` : `${named}, switched off until ${until}`;
}
