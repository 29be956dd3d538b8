/** Why a key store could not be connected, by AWS's ConnectionErrorCode: what is wrong, and what to do. */
const REASONS: Readonly<Record<string, string>> = {
  CLUSTER_NOT_FOUND: 'The token is not in Keyhold any more. Add it again in a terminal, with keyhold hsm token add.',
  INVALID_CREDENTIALS: 'The token refuses its PIN. Set the right one with keyhold hsm token pin.',
  NETWORK_ERRORS: 'The token does not answer. Plug it in or look after its cluster, and try again.',
  USER_LOCKED_OUT: 'The token has locked its PIN. Have it unlocked by whoever administers the token.',
  USER_NOT_FOUND: 'The token has no user PIN yet. Set one with the vendor’s tool.',
  XKS_PROXY_ACCESS_DENIED: 'The proxy refuses the credential. Replace it under Edit.',
  XKS_PROXY_INVALID_CONFIGURATION: 'The proxy is not set up for this. Check its endpoint and path under Edit.',
  XKS_PROXY_INVALID_RESPONSE:
    'What answers there does not speak AWS’s XKS API. Check the endpoint and the path under Edit.',
  XKS_PROXY_INVALID_TLS_CONFIGURATION: 'The proxy’s certificate is not one that this machine trusts.',
  XKS_PROXY_NOT_REACHABLE: 'Nothing answers at the proxy’s endpoint. Check it, and that the proxy runs.',
  XKS_PROXY_TIMED_OUT: 'The proxy does not answer in time. See whether it runs, and try again.',
};

export function connectionReason(code: string): string {
  return REASONS[code] ?? 'Disconnect it, look after what is behind it, and connect it again.';
}
