import type { Origin } from '../../../contract/origins.ts';
import { RolesAnywhereOrigin, SamlOrigin, SsoOrigin } from '../../../contract/origins.ts';
import type { TimedKind } from '../../../contract/roles.ts';
import type { SignInType } from '../../../contract/sign-ins.ts';
import { matches } from '../../lib/use-form.ts';

/** Before what credentials come from that are neither of a key nor of another profile: `origin/sso/work`, `origin/process/`. */
export const ORIGIN = 'origin/';

export const SOURCES = ['sso', 'saml', 'oidc', 'certificate', 'process', 'tokenFile'] as const;
export type OriginSource = (typeof SOURCES)[number];

/** The fields that origins have. */
export type OriginValues = Record<'account' | 'roleName' | 'principalArn' | 'trustAnchorArn' | 'profileArn', string>;
type Signed = OriginValues & { signer: string };

export const NO_ORIGIN: OriginValues = {
  account: '',
  roleName: '',
  principalArn: '',
  trustAnchorArn: '',
  profileArn: '',
};

export function signerOfSignIn(type: SignInType, name: string): string {
  return `${ORIGIN}${type}/${name}`;
}

export function signerOfOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'process':
      return `${ORIGIN}process/`;
    case 'sso':
    case 'saml':
      return `${ORIGIN}${origin.kind}/${origin.signIn}`;
    case 'webIdentity':
      return origin.signIn === undefined ? `${ORIGIN}tokenFile/` : `${ORIGIN}oidc/${origin.signIn}`;
    case 'rolesAnywhere':
      return `${ORIGIN}certificate/${origin.certificate}`;
  }
}

/** What a signer is of, and its name; null where it is a key, a profile or a local account. */
export function originSource(signer: string): { source: OriginSource; name: string } | null {
  const [, kind, name] = /^origin\/(\w+)\/(.*)$/s.exec(signer) ?? [];
  const source = SOURCES.find((one) => one === kind);
  return source === undefined ? null : { source, name: name ?? '' };
}

/** The kind of session where the origin is for a role that the profile names. */
export function timedKindOf(source: OriginSource): TimedKind | null {
  switch (source) {
    case 'saml':
      return 'saml';
    case 'oidc':
    case 'tokenFile':
      return 'web-identity';
    case 'certificate':
      return 'roles-anywhere';
    default:
      return null;
  }
}

export function originValues(origin: Origin | undefined, account: string): OriginValues {
  const values = { ...NO_ORIGIN, account };
  switch (origin?.kind) {
    case undefined:
      return values;
    case 'sso':
      return { ...values, roleName: origin.roleName };
    case 'saml':
      return { ...values, principalArn: origin.principalArn };
    case 'rolesAnywhere':
      return { ...values, trustAnchorArn: origin.trustAnchorArn, profileArn: origin.profileArn };
    default:
      return values;
  }
}

/** As the contract takes it. Which program or file it is stays as it was: only the command line may name one. */
export function originInput(values: Signed): Origin | undefined {
  const from = originSource(values.signer);
  switch (from?.source) {
    case undefined:
    case 'process':
    case 'tokenFile':
      return undefined;
    case 'sso':
      return { kind: 'sso', signIn: from.name, roleName: values.roleName.trim() };
    case 'saml':
      return { kind: 'saml', signIn: from.name, principalArn: values.principalArn.trim() };
    case 'oidc':
      return { kind: 'webIdentity', signIn: from.name };
    case 'certificate':
      return {
        kind: 'rolesAnywhere',
        certificate: from.name,
        trustAnchorArn: values.trustAnchorArn.trim(),
        profileArn: values.profileArn.trim(),
      };
  }
}

/** A check that is quiet where its field is not shown. */
function of(sources: readonly OriginSource[], check: (value: string) => string | null) {
  return (value: string, values: { signer: string }): string | null => {
    const from = originSource(values.signer);
    return from !== null && sources.includes(from.source) ? check(value) : null;
  };
}

export const ORIGIN_CHECKS = {
  account: of(['sso'], (name) => (name === '' ? 'Choose the account.' : null)),
  roleName: of(['sso'], matches(SsoOrigin.shape.roleName)),
  principalArn: of(['saml'], matches(SamlOrigin.shape.principalArn)),
  trustAnchorArn: of(['certificate'], matches(RolesAnywhereOrigin.shape.trustAnchorArn)),
  profileArn: of(['certificate'], matches(RolesAnywhereOrigin.shape.profileArn)),
};
