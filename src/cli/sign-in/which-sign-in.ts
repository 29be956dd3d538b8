import { fold } from '../../client/import/vault-name.ts';
import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Profile } from '../../contract/schemas.ts';
import type { SignIn } from '../../contract/sign-ins.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';

/** The sign-in of this name, that of the profile of this name, the only one there is, or the only one that is likely to be meant. */
export async function whichSignIn(
  cli: Cli,
  name: string | undefined,
  isLikely: (signIn: SignIn) => boolean,
): Promise<SignIn> {
  const { signIns } = await cli.call('signIn.list', {});
  if (name === undefined) return theOnly(signIns, isLikely);
  const named = signIns.find((one) => fold(one.name) === fold(name));
  if (named !== undefined) return named;
  const { profiles } = await cli.call('profile.list', {});
  const profile = profiles.find((one) => fold(one.name) === fold(name));
  if (profile === undefined) {
    const known =
      signIns.length === 0 ? 'Add one: keyhold sso add' : `There is: ${signIns.map((one) => one.name).join(', ')}.`;
    throw new KeyholdError('NotFound', `There is neither a sign-in nor a profile called ${name}. ${known}`);
  }
  const behind = lastOf(profile, profiles);
  const found = signIns.find((one) => one.profiles.includes(behind.name));
  if (found !== undefined) return found;
  throw usageError(
    `The profile ${profile.name} needs nobody to sign in. See keyhold profile show ${quotedName(profile.name)}`,
  );
}

/** The profile whose credentials come from outside, behind its sources. */
function lastOf(profile: Profile, all: readonly Profile[]): Profile {
  const last = profile.chain?.at(-1);
  return all.find((one) => one.name === last) ?? profile;
}

function theOnly(signIns: readonly SignIn[], isLikely: (signIn: SignIn) => boolean): SignIn {
  const [first, ...others] = signIns;
  if (first === undefined) {
    throw usageError(
      'There is nothing to sign in to yet. Add an IAM Identity Center with keyhold sso add, or an identity provider with keyhold saml add or oidc add.',
    );
  }
  if (others.length === 0) return first;
  const [likely, ...more] = signIns.filter(isLikely);
  if (likely !== undefined && more.length === 0) return likely;
  throw usageError(`Say which one: ${signIns.map(({ name }) => name).join(', ')}.`);
}
