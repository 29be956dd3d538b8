import type { Credential, CredentialService } from '../../../contract/credentials.ts';

/** The names that people have for the services, and what is kept for each. */
export const SERVICES: readonly { id: CredentialService; label: string; note: string }[] = [
  { id: 'codecommit.amazonaws.com', label: 'CodeCommit', note: 'Git over HTTPS' },
  { id: 'cassandra.amazonaws.com', label: 'Keyspaces', note: 'Apache Cassandra' },
  { id: 'bedrock.amazonaws.com', label: 'Bedrock', note: 'API key' },
];

type Kind = Pick<Credential, 'type' | 'service' | 'region'>;

function serviceWord(service: CredentialService | undefined): string {
  return SERVICES.find(({ id }) => id === service)?.label ?? '';
}

/** What is secret about it: `password`, `API key` or `private key`. */
export function secretNoun({ type, service }: Kind): string {
  if (type === 'sshKey') return 'private key';
  return service === 'bedrock.amazonaws.com' ? 'API key' : 'password';
}

/** `Password for CodeCommit`, `SMTP password, eu-central-1`. */
export function whatWords(credential: Kind): string {
  const { type, service, region } = credential;
  if (type === 'smtp') return `SMTP password, ${region ?? ''}`;
  if (type === 'sshKey') return 'SSH key for CodeCommit';
  return `${service === 'bedrock.amazonaws.com' ? 'API key' : 'Password'} for ${serviceWord(service)}`;
}

/** When AWS made it, or, where that is not known, when it came into the vault. */
export function credentialBirth({ issuedAt, createdAt }: Pick<Credential, 'issuedAt' | 'createdAt'>): string {
  return issuedAt ?? createdAt;
}

/** Over its maximum age. One that is not complete is completed first, and an SMTP password is due with its key. */
export function isCredentialDue({ state, dueAt }: Pick<Credential, 'state' | 'dueAt'>, now: number): boolean {
  return state === 'ready' && dueAt !== undefined && Date.parse(dueAt) <= now;
}

/** What has a rotation of its own: an SMTP password changes with its key. */
export function canRotateCredential({ type, state }: Pick<Credential, 'type' | 'state'>): boolean {
  return type !== 'smtp' && state === 'ready';
}

/** What tools may still have, after a rotation has put another in its place. */
export function dyingWords(
  credential: Kind & Pick<Credential, 'dying'>,
  relative: (instant: string) => string,
): string | null {
  const { dying } = credential;
  if (dying === undefined) return null;
  const { credentialId, userName, until } = dying;
  const named = userName === undefined || userName === credentialId ? credentialId : `${userName} (${credentialId})`;
  return until === undefined
    ? `Tools may still have the one before, ${named}. It works until you confirm in the rotation that they have this one.`
    : `The one before, ${named}, is switched off, and is deleted ${relative(until)}. Whoever was forgotten notices now.`;
}

export interface ToolSettings {
  /** Where it is typed in. */
  title: string;
  facts: readonly { name: string; value: string }[];
  /** Lines of a file. */
  lines?: { label: string; text: string };
}

/** What a tool wants to be told besides the secret. */
export function toolSettings({
  type,
  service,
  region = '',
  userName = '',
}: Pick<Credential, 'type' | 'service' | 'region' | 'userName'>): ToolSettings {
  if (type === 'smtp') {
    return {
      title: 'In the mail program',
      facts: [
        { name: 'Server', value: `email-smtp.${region}.amazonaws.com` },
        { name: 'Port', value: '587 with STARTTLS, or 465 with TLS' },
        { name: 'User', value: userName },
      ],
    };
  }
  if (type === 'sshKey') {
    return {
      title: 'In ~/.ssh/config',
      facts: [],
      lines: {
        label: 'the lines for ssh',
        text: `Host git-codecommit.*.amazonaws.com\n  User ${userName}\n  IdentityFile ~/.ssh/codecommit_rsa`,
      },
    };
  }
  switch (service) {
    case 'bedrock.amazonaws.com':
      return {
        title: 'In the tool',
        facts: [{ name: 'Variable', value: 'AWS_BEARER_TOKEN_BEDROCK' }],
      };
    case 'cassandra.amazonaws.com':
      return {
        title: 'In the Cassandra client',
        facts: [
          { name: 'Server', value: 'cassandra.REGION.amazonaws.com, port 9142 with TLS' },
          { name: 'User', value: userName },
        ],
      };
    default:
      return {
        title: 'For git',
        facts: [
          { name: 'Address', value: 'https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME' },
          { name: 'User', value: userName },
        ],
      };
  }
}
