import { fold } from '../../client/import/vault-name.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { SignIn, SignInSettings, SignInType } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';

type Settings<T extends SignInType> = Extract<SignInSettings, { type: T }>;
export type SignInOf<T extends SignInType> = SignIn & { settings: Settings<T> };

const NOUNS: Readonly<Record<SignInType, string>> = {
  sso: 'IAM Identity Center',
  saml: 'SAML sign-in',
  oidc: 'OpenID Connect provider',
};

/** The sign-in of this very name and type, or the only one of the type. A profile's name is none: what is changed or removed here is others' too. */
export async function signInOfType<T extends SignInType>(cli: Cli, type: T, name?: string): Promise<SignInOf<T>> {
  const { signIns } = await cli.call('signIn.list', {});
  const ofType = signIns.flatMap((one) => (isOfType(one, type) ? [one] : []));
  if (name === undefined) {
    const [first, ...others] = ofType;
    if (first === undefined) throw usageError(`There is no ${NOUNS[type]} yet. Add one with keyhold ${type} add.`);
    if (others.length === 0) return first;
    throw usageError(`Say which one: ${ofType.map((one) => one.name).join(', ')}.`);
  }
  const found = ofType.find((one) => fold(one.name) === fold(name));
  if (found !== undefined) return found;
  const other = signIns.find((one) => fold(one.name) === fold(name));
  if (other !== undefined) throw usageError(`${other.name} is no ${NOUNS[type]}. See keyhold ${type} list.`);
  throw new KeyholdError('NotFound', `There is no ${NOUNS[type]} called ${name}. See keyhold ${type} list.`);
}

function isOfType<T extends SignInType>(signIn: SignIn, type: T): signIn is SignInOf<T> {
  return signIn.settings.type === type;
}
