import { randomBytes } from 'node:crypto';

export interface SsoAccountFixture {
  accountId: string;
  accountName: string;
  emailAddress: string;
  roles: string[];
}

export interface IssuedCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** ms since epoch */
  expiration: number;
}

interface RegisteredClient {
  clientId: string;
  clientSecret: string;
  expiresAt: number;
  scopes: string[];
  grantTypes: string[];
  redirectUris: string[];
}

interface DeviceCode {
  clientId: string;
  userCode: string;
  expiresAt: number;
  decided: 'approved' | 'denied' | undefined;
  polledAt: number;
}

interface AuthorizationCode {
  clientId: string;
  redirectUri: string;
  challenge: string;
  expiresAt: number;
}

/** A person's session at the Identity Center: it ends all tokens that came of it. */
interface PersonSession {
  endsAt: number;
  ended: boolean;
}

export interface SsoState {
  now: () => number;
  startUrl: string;
  accounts: SsoAccountFixture[];
  clients: Map<string, RegisteredClient>;
  devices: Map<string, DeviceCode>;
  codes: Map<string, AuthorizationCode>;
  tokens: Map<string, { clientId: string; expiresAt: number; session: PersonSession }>;
  refreshTokens: Map<string, { clientId: string; session: PersonSession }>;
  sessions: PersonSession[];
  /** Seconds. */
  lives: { token: number; session: number; device: number; interval: number; role: number; client: number };
  /** Of one page of a list. */
  pageSize: number;
  issue: (accountId: string, roleName: string) => IssuedCredentials;
  /** Every secret that was answered, for looking where it must not be. */
  secrets: string[];
}

/** What one call is answered with. */
export interface SsoReply {
  status: number;
  body: Record<string, unknown>;
  errorType?: string;
}

export class SsoRefusal extends Error {
  readonly reply: SsoReply;

  constructor(reply: SsoReply) {
    super(reply.errorType ?? 'refused');
    this.reply = reply;
  }
}

/** As long as AWS's are. */
export function newSecret(state: SsoState, prefix: string, bytes = 600): string {
  const secret = `${prefix}${randomBytes(bytes).toString('base64url')}`;
  state.secrets.push(secret);
  return secret;
}
