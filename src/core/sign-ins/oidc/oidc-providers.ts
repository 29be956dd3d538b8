/** What a provider says of itself (OpenID Connect Discovery 1.0), as far as it is of use here. */
export interface OidcProvider {
  issuer: string;
  authorizationEndpoint: string;
  tokenEndpoint: string;
  /** Of providers that take back what they gave. */
  revocationEndpoint?: string;
}

/** What this vault is to a provider; with a secret a confidential client (RFC 6749 section 2.3.1). The bytes are the caller's to wipe. */
export interface OidcClient {
  clientId: string;
  auth?: { method: 'client_secret_basic' | 'client_secret_post'; secret: Uint8Array };
}

/** What the token endpoint is shown (RFC 6749 sections 4.1.3 and 6, RFC 7636). Bytes are the caller's to wipe. */
export type OidcGrant =
  | { type: 'authorization_code'; code: Uint8Array; redirectUri: string; codeVerifier: Uint8Array }
  | { type: 'refresh_token'; refreshToken: Uint8Array };

/** Bytes are the caller's to wipe. */
export interface OidcTokens {
  idToken?: Uint8Array;
  refreshToken?: Uint8Array;
}

/** OpenID Connect providers. Each call throws `Unreachable`, `Timeout`, or `ServiceRefused` with OAuth's name of the error (`details.name`). */
export interface OidcProviders {
  discover(issuer: string): Promise<OidcProvider>;
  token(provider: OidcProvider, client: OidcClient, grant: OidcGrant): Promise<OidcTokens>;
  /** Takes back a refresh token, with all that was got with it (RFC 7009). The bytes are the caller's to wipe. */
  revoke(
    provider: OidcProvider,
    revocationEndpoint: string,
    client: OidcClient,
    refreshToken: Uint8Array,
  ): Promise<void>;
}
