import type { StsCredentials } from '../../sessions/aws-sts.ts';

/** Where an Identity Center is. */
export interface SsoPlace {
  region: string;
  endpointUrl?: string | undefined;
}

/** What this program is to the token service. Bytes are their owner's to wipe. */
export interface SsoClient {
  clientId: string;
  clientSecret: Uint8Array;
}

export interface SsoTokens {
  accessToken: Uint8Array;
  refreshToken?: Uint8Array;
  expiresInSeconds: number;
}

/** What CreateToken is shown (RFC 6749, 7636 and 8628). */
export type SsoGrant =
  | { type: 'authorization_code'; code: Uint8Array; redirectUri: string; codeVerifier: Uint8Array }
  | { type: 'device_code'; deviceCode: Uint8Array }
  | { type: 'refresh_token'; refreshToken: Uint8Array };

export interface DeviceAuthorization {
  deviceCode: Uint8Array;
  userCode: string;
  verificationUri: string;
  verificationUriComplete: string;
  expiresInSeconds: number;
  intervalSeconds: number;
}

export interface SsoAccount {
  accountId: string;
  name: string;
  email: string;
}

/**
 * AWS IAM Identity Center: its token service (SSO OIDC) and its portal. Each call throws `Unreachable`, `Timeout`, or `ServiceRefused` with the error's name
 * (`details.name`): OAuth's (`authorization_pending`) of the token service, AWS's (`UnauthorizedException`) of the portal.
 */
export interface AwsSso {
  registerClient(
    place: SsoPlace,
    input: {
      clientName: string;
      scopes: readonly string[];
      /** For the authorization code; without it, the client is one of the device flow. */
      redirect?: { uri: string; issuerUrl: string };
    },
  ): Promise<SsoClient & { /** ms since epoch */ expiresAt: number }>;
  /** Where the browser begins the authorization code flow. */
  authorizeUrl(
    place: SsoPlace,
    input: { clientId: string; redirectUri: string; state: string; codeChallenge: string; scopes: readonly string[] },
  ): string;
  startDeviceAuthorization(place: SsoPlace, client: SsoClient, startUrl: string): Promise<DeviceAuthorization>;
  createToken(place: SsoPlace, client: SsoClient, grant: SsoGrant): Promise<SsoTokens>;
  listAccounts(place: SsoPlace, accessToken: string): Promise<SsoAccount[]>;
  /** Names. */
  listAccountRoles(place: SsoPlace, accessToken: string, accountId: string): Promise<string[]>;
  roleCredentials(
    place: SsoPlace,
    accessToken: string,
    role: { accountId: string; roleName: string },
  ): Promise<StsCredentials>;
  logout(place: SsoPlace, accessToken: string): Promise<void>;
}
