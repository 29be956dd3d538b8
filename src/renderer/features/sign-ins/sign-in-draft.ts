import { SamlSettings } from '../../../contract/saml.ts';
import { Name, Region } from '../../../contract/schemas.ts';
import {
  DEFAULT_SCOPES,
  type SignIn,
  type SignInSettings,
  type SignInType,
  SsoSettings,
} from '../../../contract/sign-ins.ts';
import { OidcSettings } from '../../../contract/web-identity.ts';
import { sentence } from '../../lib/format.ts';
import { matches } from '../../lib/use-form.ts';

/** What is typed in the dialog, for whatever kind; a kind uses some of it. */
export type SignInValues = Record<
  'name' | 'type' | 'startUrl' | 'region' | 'accounts' | 'issuer' | 'clientId' | 'clientAuth' | 'scopes',
  string
>;

/** A client without a secret. */
const PUBLIC = 'public';

export const CLIENT_KINDS: readonly { id: string; label: string; note?: string }[] = [
  { id: PUBLIC, label: 'Public: it has no secret', note: 'usual' },
  { id: 'client_secret_basic', label: 'With a secret, in a header', note: 'client_secret_basic' },
  { id: 'client_secret_post', label: 'With a secret, in the body', note: 'client_secret_post' },
];

const OIDC_SCOPES = ['openid', 'offline_access'];

export function usualScopes(type: string): string {
  return (type === 'oidc' ? OIDC_SCOPES : DEFAULT_SCOPES).join(' ');
}

export function valuesOf(signIn: SignIn | undefined): SignInValues {
  const settings = signIn?.settings;
  const empty = {
    name: signIn?.name ?? '',
    startUrl: '',
    region: '',
    accounts: '',
    issuer: '',
    clientId: '',
    clientAuth: PUBLIC,
  };
  switch (settings?.type) {
    case undefined:
      return { ...empty, type: 'sso', scopes: usualScopes('sso') };
    case 'sso': {
      const { type, startUrl, region, scopes } = settings;
      return { ...empty, type, startUrl, region, scopes: scopes.join(' ') };
    }
    case 'saml': {
      const { type, startUrl, accounts } = settings;
      return { ...empty, type, startUrl, accounts: (accounts ?? []).join(' '), scopes: '' };
    }
    case 'oidc': {
      const { type, issuer, clientId, clientAuth = PUBLIC, scopes } = settings;
      return { ...empty, type, issuer, clientId, clientAuth, scopes: scopes.join(' ') };
    }
  }
}

type Check = (value: string, values: SignInValues) => string | null;

/** A check that is quiet where the kind does not have the field. */
function of(checks: Partial<Record<SignInType, (value: string) => string | null>>): Check {
  return (value, { type }) => {
    const [, check] = Object.entries(checks).find(([one]) => one === type) ?? [];
    return check?.(value) ?? null;
  };
}

export const CHECKS: { [field in keyof SignInValues]?: Check } = {
  name: matches(Name),
  startUrl: of({ sso: matches(SsoSettings.shape.startUrl), saml: matches(SamlSettings.shape.startUrl) }),
  region: of({ sso: matches(Region) }),
  accounts: of({
    saml: (text) =>
      wordsOf(text).length === 0 ? null : complaint(SamlSettings.shape.accounts.safeParse(wordsOf(text))),
  }),
  issuer: of({ oidc: matches(OidcSettings.shape.issuer) }),
  clientId: of({ oidc: matches(OidcSettings.shape.clientId) }),
  scopes: of({
    sso: (text) => complaint(SsoSettings.shape.scopes.safeParse(wordsOf(text))),
    oidc: (text) => complaint(OidcSettings.shape.scopes.safeParse(wordsOf(text))),
  }),
};

/** The settings as the contract takes them. What has no field stays as it was. */
export function settingsOf(values: SignInValues, before: SignInSettings | undefined): SignInSettings {
  const startUrl = values.startUrl.trim();
  const scopes = wordsOf(values.scopes);
  switch (values.type) {
    case 'saml': {
      const accounts = wordsOf(values.accounts);
      return { type: 'saml', startUrl, ...(accounts.length === 0 ? {} : { accounts }) };
    }
    case 'oidc': {
      const clientAuth = OidcSettings.shape.clientAuth.safeParse(values.clientAuth).data;
      return {
        ...{ type: 'oidc', issuer: values.issuer.trim(), clientId: values.clientId.trim(), scopes },
        ...(clientAuth === undefined ? {} : { clientAuth }),
      };
    }
    default: {
      const endpointUrl = before?.type === 'sso' ? before.endpointUrl : undefined;
      return {
        type: 'sso',
        startUrl,
        region: values.region.trim(),
        scopes,
        ...(endpointUrl === undefined ? {} : { endpointUrl }),
      };
    }
  }
}

function complaint(parsed: { success: boolean; error?: { issues: readonly { message: string }[] } }): string | null {
  return parsed.success ? null : sentence(parsed.error?.issues[0]?.message ?? 'this is not valid');
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}

/** Whether the client has a secret. */
export function hasClientSecret({ type, clientAuth }: Pick<SignInValues, 'type' | 'clientAuth'>): boolean {
  return type === 'oidc' && clientAuth !== PUBLIC;
}

/** Whether one has to be typed: the one that is kept is shown to the client and the provider that it was given for, and to no other. */
export function needsClientSecret(values: SignInValues, before: SignInSettings | undefined): boolean {
  if (!hasClientSecret(values)) return false;
  if (before?.type !== 'oidc' || before.clientAuth === undefined) return true;
  return before.issuer !== values.issuer.trim() || before.clientId !== values.clientId.trim();
}
