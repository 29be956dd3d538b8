import { SsoOrigin } from '../../contract/origins.ts';
import { AccountId } from '../../contract/schemas.ts';
import { SsoSettings } from '../../contract/sign-ins.ts';
import { type Place, type Said, textOf } from './aws-role.ts';
import type { Section } from './ini.ts';

/** Settings that say of a profile which role of an Identity Center it is. */
export const SSO_SETTINGS: ReadonlySet<string> = new Set([
  'sso_session',
  'sso_start_url',
  'sso_region',
  'sso_account_id',
  'sso_role_name',
  'sso_registration_scopes',
]);

/** Said of settings that are right, beside one that is not. */
export const OF_ANOTHER = 'it belongs to a sign-in that is not imported';

type Where = Pick<SsoSettings, 'startUrl' | 'region' | 'scopes'>;

/** `[sso-session corp]`, or what a profile says of it itself. */
export interface FoundSsoSession {
  /** The section's; without, a profile of the older form is the only one to say it. */
  name?: string;
  place: Place;
  where: Where;
}

export interface FoundSso {
  session: FoundSsoSession;
  accountId: string;
  roleName: string;
  place: Place;
}

type Leave = (said: Said, reason: string) => void;

/** Reads a section; a reason instead of it where it says too little. */
export function readSsoSession(name: string, section: Section): FoundSsoSession | { reason: string } {
  const place: Place = { file: 'config', line: section.line };
  const said = new Map<string, Said>();
  for (const setting of section.settings) {
    if (setting.nested || said.has(setting.name)) continue;
    said.set(setting.name, { file: 'config', line: setting.line, name: setting.name, setting });
  }
  const where = whereOf(said);
  return 'reason' in where ? where : { name, place, where };
}

/** What `said` has of a role of an Identity Center; what of it is of no use is left, with the reason. */
export function readSso(
  said: ReadonlyMap<string, Said>,
  sessions: ReadonlyMap<string, FoundSsoSession>,
  leave: Leave,
): FoundSso | undefined {
  const refuse = (one: Said | undefined, reason: string): undefined => {
    for (const other of said.values()) leave(other, other === one ? reason : OF_ANOTHER);
  };
  const first = said.get('sso_session') ?? said.get('sso_start_url') ?? [...said.values()][0];
  const session = sessionOf(said, sessions);
  if ('reason' in session) return refuse(session.said ?? first, session.reason);
  const account = said.get('sso_account_id');
  const role = said.get('sso_role_name');
  if (account === undefined || role === undefined) {
    return refuse(first, 'it names no sso_account_id and sso_role_name, and so no credentials of AWS');
  }
  const accountId = AccountId.safeParse(textOf(account));
  if (!accountId.success) return refuse(account, 'an account id has exactly 12 digits');
  const roleName = SsoOrigin.shape.roleName.safeParse(textOf(role));
  if (!roleName.success) return refuse(role, 'a role’s name has 1 to 64 letters, digits and +=,.@-_');
  const scopes = said.get('sso_registration_scopes');
  if (scopes !== undefined) leave(scopes, 'AWS tools read it only in an [sso-session]');
  const { file, line } = first ?? account;
  return { session, accountId: accountId.data, roleName: roleName.data, place: { file, line } };
}

/** Whether both are one Identity Center, however its address is written. */
export function sameCentre(a: Pick<Where, 'startUrl' | 'region'>, b: Pick<Where, 'startUrl' | 'region'>): boolean {
  return a.region === b.region && plainUrl(a.startUrl) === plainUrl(b.startUrl);
}

type Refused = { reason: string; said?: Said | undefined };

function sessionOf(
  said: ReadonlyMap<string, Said>,
  sessions: ReadonlyMap<string, FoundSsoSession>,
): FoundSsoSession | Refused {
  const named = said.get('sso_session');
  if (named === undefined) {
    const url = said.get('sso_start_url');
    const where = whereOf(said);
    const { file, line } = url ?? [...said.values()][0] ?? { file: 'config' as const, line: 1 };
    return 'reason' in where ? where : { place: { file, line }, where: { ...where, scopes: ['sso:account:access'] } };
  }
  const name = textOf(named) ?? '';
  const session = sessions.get(name);
  if (session === undefined) return { said: named, reason: `there is no [sso-session ${name}] that can be read` };
  // AWS tools refuse a profile that contradicts its session.
  for (const [setting, value] of [
    ['sso_start_url', session.where.startUrl],
    ['sso_region', session.where.region],
  ] as const) {
    const own = said.get(setting);
    if (own !== undefined && textOf(own) !== value) {
      return { said: own, reason: `[sso-session ${name}] says ${value} instead` };
    }
  }
  return session;
}

function whereOf(said: ReadonlyMap<string, Said>): Where | Refused {
  const url = said.get('sso_start_url');
  const region = said.get('sso_region');
  if (url === undefined || region === undefined) {
    return { said: url ?? region, reason: `its ${url === undefined ? 'sso_start_url' : 'sso_region'} is missing` };
  }
  const startUrl = SsoSettings.shape.startUrl.safeParse(textOf(url));
  if (!startUrl.success) return { said: url, reason: 'a start URL looks like https://d-1234567890.awsapps.com/start' };
  const parsedRegion = SsoSettings.shape.region.safeParse(textOf(region));
  if (!parsedRegion.success) return { said: region, reason: 'it does not look like a region such as eu-central-1' };
  const listed = said.get('sso_registration_scopes');
  const scopes = SsoSettings.shape.scopes.safeParse(
    listed === undefined ? undefined : (textOf(listed) ?? '').split(',').map((scope) => scope.trim()),
  );
  if (!scopes.success) return { said: listed, reason: 'scopes look like sso:account:access, with commas between them' };
  return { startUrl: startUrl.data, region: parsedRegion.data, scopes: scopes.data };
}

/** Consoles show the address with `/#/` behind it, and people copy that. */
function plainUrl(url: string): string {
  return url
    .replace(/#?\/*$/, '')
    .replace(/\/*#?\/*$/, '')
    .toLowerCase();
}
