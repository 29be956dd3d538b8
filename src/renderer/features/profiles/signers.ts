import type { Certificate } from '../../../contract/certificates.ts';
import type { Profile } from '../../../contract/schemas.ts';
import type { SignIn } from '../../../contract/sign-ins.ts';
import { shortKeyId } from '../../lib/format.ts';
import type { Choice } from '../../ui/select.tsx';
import { typeWord } from '../sign-ins/sign-in-words.ts';
import { ORIGIN, signerOfOrigin, signerOfSignIn } from './origin-draft.ts';
import { type Around, LOCAL, SOURCE } from './profile-draft.ts';

export interface Origins {
  signIns: readonly SignIn[];
  certificates: readonly Certificate[];
}

/** What can be chosen to sign with: keys, other profiles whose credentials assume a role, sign-ins, certificates, and local accounts. */
export function signers(
  { keys, profiles, accounts }: Around,
  { signIns, certificates }: Origins,
  profile: Profile | undefined,
): Choice[] {
  const local = new Set(accounts.filter(({ kind }) => kind === 'local').map(({ name }) => name));
  const isLocal = profile !== undefined && local.has(profile.account);
  // Never itself, nor what has it as its own source: they would go in circles.
  const sources = profiles.filter(
    (one) => !local.has(one.account) && one.name !== profile?.name && !one.chain?.includes(profile?.name ?? ''),
  );
  // Programs and files of this machine are for the command line to name.
  const machine = [
    { id: `${ORIGIN}tokenFile/`, label: 'a web identity token in a file', note: 'file' },
    { id: `${ORIGIN}process/`, label: 'a program that prints credentials', note: 'program' },
  ];
  const present = profile?.origin === undefined ? undefined : signerOfOrigin(profile.origin);
  const remote = [
    ...keys.map((one) => ({
      id: one.name,
      label: `${one.account} / ${one.name}`,
      note: shortKeyId(one.accessKeyId),
    })),
    ...sources.map((one) => ({ id: `${SOURCE}${one.name}`, label: `credentials of ${one.name}`, note: 'profile' })),
    ...signIns.map(({ name, settings }) => ({
      id: signerOfSignIn(settings.type, name),
      label: `sign-in ${name}`,
      note: typeWord(settings.type),
    })),
    ...certificates.map(({ name }) => ({
      id: `${ORIGIN}certificate/${name}`,
      label: `certificate ${name}`,
      note: 'Roles Anywhere',
    })),
    ...machine.filter(({ id }) => id === present),
  ];
  const locals = [...local].map((name) => ({ id: `${LOCAL}${name}`, label: `${name}, as its root`, note: 'local' }));
  // Never both for one profile: a local account has no keys, one at AWS needs one.
  if (profile === undefined) return [...remote, ...locals];
  return isLocal ? locals : remote;
}
