import { Name, Region } from '../../../contract/schemas.ts';
import { DEFAULT_SCOPES, type SignIn, type SignInSettings, SsoSettings } from '../../../contract/sign-ins.ts';
import { sentence } from '../../lib/format.ts';
import { matches } from '../../lib/use-form.ts';

/** What is typed in the dialog, for whatever kind. */
export type SignInValues = Record<'name' | 'type' | 'startUrl' | 'region' | 'scopes', string>;

export function valuesOf(signIn: SignIn | undefined): SignInValues {
  const settings = signIn?.settings;
  return {
    name: signIn?.name ?? '',
    type: settings?.type ?? 'sso',
    startUrl: settings?.startUrl ?? '',
    region: settings?.region ?? '',
    scopes: (settings?.scopes ?? DEFAULT_SCOPES).join(' '),
  };
}

export const CHECKS = {
  name: matches(Name),
  startUrl: matches(SsoSettings.shape.startUrl),
  region: matches(Region),
  scopes: scopesError,
};

/** The settings as the contract takes them. What has no field stays as it was. */
export function settingsOf(values: SignInValues, before: SignInSettings | undefined): SignInSettings {
  const endpointUrl = before?.endpointUrl;
  return {
    type: 'sso',
    startUrl: values.startUrl.trim(),
    region: values.region.trim(),
    scopes: wordsOf(values.scopes),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
}

function scopesError(text: string): string | null {
  const parsed = SsoSettings.shape.scopes.safeParse(wordsOf(text));
  return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'name a scope');
}

function wordsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
