import { KeyholdError } from '../contract/errors.ts';
import { foldName } from './names.ts';
import type { Found, Thing, Things } from './things.ts';

type Named = Pick<Thing<'client'>, 'name' | 'userName'>;

/**
 * What a client with a policy is called in its principal's ARN, `user/keyhold/…`. Key policies and grants name it by that, so it is given
 * once and outlives every change of the client's name. A record without one is from before there were any: it is still that of its name.
 */
export function userNameOf({ name, userName }: Named): string {
  return userName ?? asUserName(name);
}

/**
 * The user name of a new client of this account (a record's id). Throws `AlreadyExists` where another client has it: the new one would be
 * handed all that policies and grants give the other.
 */
export function newUserName(things: Things, account: string, name: string): string {
  const wanted = asUserName(name);
  const holder = clientsWithPolicy(things, account).find(
    ({ value }) => foldName(userNameOf(value)) === foldName(wanted),
  );
  if (holder === undefined) return wanted;
  throw new KeyholdError(
    'AlreadyExists',
    `The client ${holder.value.name} is the user keyhold/${userNameOf(holder.value)} of its account to policies and grants, also when it is renamed. Choose another name, or remove that client first.`,
    { kind: 'client', name: holder.value.name },
  );
}

function clientsWithPolicy(things: Things, account: string): Found<'client'>[] {
  return things
    .all('client')
    .filter(({ value }) => value.policy !== undefined && things.must('profile', value.profile).account === account);
}

/** A name as IAM spells user names; what IAM does not allow becomes `=` and its UTF-8 in hexadecimal, so that no two names become one. */
function asUserName(name: string): string {
  return name.replace(/[^\w+,.@-]/gu, (character) =>
    [...Buffer.from(character, 'utf8')].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}
