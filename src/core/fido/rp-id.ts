/**
 * The site that Keyhold's credentials are for (WebAuthn's RP ID). No name under `.invalid` ever resolves (RFC 2606), so no web page in any browser can be this site and ask a security key for
 * one of them.
 */
export const KEYHOLD_RP_ID = 'keyhold.invalid';
