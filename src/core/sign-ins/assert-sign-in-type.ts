import { KeyholdError } from '../../contract/errors.ts';
import type { SignInType } from '../../contract/sign-ins.ts';
import type { Things } from '../things.ts';

/** Throws `InvalidInput` for a profile's sign-in of another type than its origin is of. */
export function assertSignInType(things: Things, id: string, type: SignInType): void {
  const { name, settings } = things.must('signIn', id);
  if (settings.type === type) return;
  throw new KeyholdError(
    'InvalidInput',
    `origin.signIn: ${name} is a sign-in of the type ${settings.type}, and one of the type ${type} is needed here.`,
  );
}
