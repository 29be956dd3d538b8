import type { Finding } from '../contract/schemas.ts';
import { RECORD_SCHEMAS } from './record-schemas.ts';
import type { LookAtRecord } from './vault/check.ts';
import { recordPlace } from './vault/findings.ts';

/** What fields are called that refer to an HSM object. */
const HANDLES: ReadonlySet<string> = new Set([
  'access',
  'clientSecret',
  'key',
  'naming',
  'object',
  'pin',
  'refresh',
  'secret',
  'seed',
  'token',
]);
/** Journals, which name what they have used up as well. */
const JOURNALS: ReadonlySet<string> = new Set(['rotation', 'panic']);

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The ids of the HSM objects that a payload refers to: `{ id }` in a field of such a name. Contexts and tags, whose names anybody chooses, hold text alone. */
function* handlesIn(payload: object): Generator<string> {
  for (const [name, value] of Object.entries(payload)) {
    if (!isRecord(value)) continue;
    const { id, ...more } = value;
    if (HANDLES.has(name) && typeof id === 'string' && Object.keys(more).length === 0) yield id;
    else yield* handlesIn(value);
  }
}

/**
 * What is wrong with a record that has been opened, though nobody has tampered with it: a shape that its kind does not have, and HSM objects that are not there.
 * Warnings, since a copy or a backup of the vault would be no better.
 */
export const checkContents: LookAtRecord = ({ kind, id }, payload, isObject) => {
  const name = isRecord(payload) && typeof payload['name'] === 'string' ? `“${payload['name']}”: ` : '';
  const warning = (what: string, message: string): Finding => ({
    severity: 'warning',
    where: recordPlace(kind, id),
    what,
    message: `${name}${message}`,
  });
  const schema = isKind(kind) ? RECORD_SCHEMAS[kind] : undefined;
  const parsed = schema?.safeParse(payload);
  if (parsed?.success === false) {
    const field = parsed.error.issues[0]?.path.join('.') ?? '';
    return [warning('structure', `its shape is unknown to this version of Keyhold (${field})`)];
  }
  if (JOURNALS.has(kind) || !isRecord(payload)) return [];
  return [...handlesIn(payload)]
    .filter((object) => !isObject(object))
    .map((object) =>
      warning(
        'missing',
        `it refers to the key object ${object.slice(0, 8)}…, which is not there; set it anew or remove it`,
      ),
    );
};

function isKind(kind: string): kind is keyof typeof RECORD_SCHEMAS {
  return Object.hasOwn(RECORD_SCHEMAS, kind);
}
