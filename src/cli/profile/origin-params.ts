import { resolve } from 'node:path';
import type { Origin } from '../../contract/origins.ts';
import { usageError } from '../errors.ts';
import type { SessionOptions } from './role-options.ts';

/** Where a profile's credentials come from, if from neither a key nor a source. */
export function originParams(options: SessionOptions): { origin?: Origin } {
  const { credentialProcess, webIdentityTokenFile, signIn } = options;
  const given = [
    ['--credential-process', credentialProcess],
    ['--web-identity-token-file', webIdentityTokenFile],
    ['--sign-in', signIn],
  ].flatMap(([option, value]) => (value === undefined ? [] : [option]));
  if (given.length > 1) throw usageError(`Give ${given.join(' or ')}, not both.`);
  if (credentialProcess !== undefined) return { origin: { kind: 'process', command: credentialProcess } };
  if (webIdentityTokenFile !== undefined) {
    return { origin: { kind: 'webIdentity', tokenFile: resolve(webIdentityTokenFile) } };
  }
  const origin = signInOrigin(options);
  return origin === undefined ? {} : { origin };
}

function signInOrigin({ signIn, ssoRole, samlProvider, roleArn }: SessionOptions): Origin | undefined {
  if (signIn === undefined) {
    if (ssoRole !== undefined) throw usageError('--sign-in and --sso-role go together.');
    if (samlProvider !== undefined) throw usageError('--sign-in and --saml-provider go together.');
    return undefined;
  }
  if (ssoRole !== undefined && samlProvider !== undefined) {
    throw usageError('Give --sso-role or --saml-provider, not both.');
  }
  if (ssoRole !== undefined) return { kind: 'sso', signIn, roleName: ssoRole };
  if (samlProvider !== undefined) return { kind: 'saml', signIn, principalArn: samlProvider };
  if (roleArn !== undefined) return { kind: 'webIdentity', signIn };
  throw usageError(
    'Say which role of the sign-in: --sso-role for an Identity Center, --role-arn with --saml-provider for SAML, or --role-arn alone for OpenID Connect.',
  );
}
