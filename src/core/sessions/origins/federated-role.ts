import { KeyholdError } from '../../../contract/errors.ts';
import type { Role } from '../../../contract/roles.ts';
import type { Thing } from '../../things.ts';

/** Throws `InvalidInput` for what AWS does not take with a proof of somebody else: there, it is in the proof or nowhere. */
export function assertFederatedRole(profile: Thing<'profile'>, proof: string, not: readonly (keyof Role)[]): Role {
  const { role } = profile;
  if (role === undefined) throw new KeyholdError('InvalidInput', 'role: say which role it is.');
  const given = not.find((field) => role[field] !== undefined);
  if (given === undefined) return role;
  throw new KeyholdError('InvalidInput', `role.${given}: AWS takes it from ${proof} alone. Leave it out here.`);
}
