import { KEY_PREFIX } from '../../contract/called-as.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { requireRotatable } from './begin-rotation.ts';
import { rotationsOfKey } from './rotations-of-key.ts';

const DAY_MS = 86_400_000;

/** Why a key that is to be rotated by itself is not, in a sentence. Undefined where nothing is in the way. */
export function whyNotByItself(
  session: Pick<Session, 'things'>,
  { id, value }: Found<'accessKey'>,
  now: number,
): string | undefined {
  if (value.gate !== undefined) return 'It wants a touch of a security key, so somebody has to begin it.';
  const refused = whyNotAtAll(session, value.name);
  if (refused !== undefined) return refused;
  const last = rotationsOfKey(session.things, id)[0]?.value;
  if (last?.endedAt === undefined || last.outcome === 'done' || last.endedAt + DAY_MS <= now) return undefined;
  return last.outcome === 'rolledBack'
    ? 'Its rotation was taken back less than a day ago.'
    : `Its rotation was refused less than a day ago. ${last.evidence.at(-1)?.text ?? ''}`.trim();
}

/** Such as one that is in the vault twice. */
function whyNotAtAll(session: Pick<Session, 'things'>, name: string): string | undefined {
  try {
    requireRotatable(session, `${KEY_PREFIX}${name}`);
    return undefined;
  } catch (error) {
    if (error instanceof KeyholdError) return error.message;
    throw error;
  }
}
