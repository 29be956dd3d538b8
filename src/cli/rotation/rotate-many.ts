import { CREDENTIAL_PREFIX, calledAs, KEY_PREFIX } from '../../contract/called-as.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Result } from '../../contract/methods.ts';
import type { Rotation } from '../../contract/rotation.ts';
import type { AccessKey } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { Cancelled } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { table } from '../table.ts';
import { age, count } from '../words.ts';
import { watch } from './follow.ts';
import { type RotateOptions, wantedOf } from './rotate-key.ts';
import { stateWords } from './words.ts';

interface Outcome {
  key: string;
  rotation?: Rotation;
  error?: KeyholdError;
}

/** `keyhold rotate --due`, or `--all-older-than 90d`: one after the other, with a summary; what fails with one does not keep the next from it. */
export async function rotateMany(cli: Cli, olderThan: string | undefined, options: RotateOptions): Promise<void> {
  const older = olderThan === undefined ? {} : { olderThanSeconds: parseDuration(olderThan) };
  const { begun, skipped } = await cli.call('rotation.startDue', { ...older, plan: true });
  const { keys, credentials } = await agedOnes(cli);
  const due = [
    ...keys.filter(({ name }) => begun.includes(hasWord(name) ? `${KEY_PREFIX}${name}` : name)),
    ...credentials.filter(({ name }) => begun.includes(`${CREDENTIAL_PREFIX}${name}`)),
  ];
  if (due.length === 0 || options.plan === true) {
    cli.print({ keys: due.map(({ called }) => called), skipped }, () => `${listText(cli, due)}${skippedText(skipped)}`);
    return;
  }
  if (options.yes !== true) {
    const person = cli.needTerminal('Add --yes to rotate without being asked.');
    person.say(`${listText(cli, due)}${skippedText(skipped)}`);
    if (!(await person.confirm(`Rotate ${count(due.length, 'key')} now?`, false))) throw new Cancelled();
  }
  const outcomes: Outcome[] = [];
  for (const { called } of due) outcomes.push(await rotateOne(cli, called, options));
  cli.print(
    { rotations: outcomes.map(summaryOf), skipped },
    () => `${summaryText(cli, outcomes)}${skippedText(skipped)}${nextText(outcomes)}`,
  );
  const failed = outcomes.filter(({ rotation }) => !isOnItsWay(rotation));
  if (failed.length === 0) return;
  throw new KeyholdError(
    'ServiceRefused',
    `${count(failed.length, 'key')} could not be rotated: ${failed.map(({ key }) => key).join(', ')}. See “keyhold rotate status”.`,
  );
}

async function rotateOne(cli: Cli, name: string, options: RotateOptions): Promise<Outcome> {
  cli.note(name);
  try {
    return await withPrompts(cli, ['gate'], async () => {
      await cli.call('rotation.start', wantedOf(name, options));
      return { key: name, rotation: await watch(cli, name) };
    });
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code === 'Cancelled') throw error;
    cli.note(`  ${error.message}`);
    return { key: name, error };
  }
}

/** What may be rotated, and how old it is. */
type Aged = Pick<AccessKey, 'account' | 'createdAt' | 'issuedAt' | 'name'> & { called: string; id: string };

async function agedOnes(cli: Cli): Promise<Record<'keys' | 'credentials', Aged[]>> {
  const { keys } = await cli.call('key.list', {});
  const { credentials } = await cli.call('credential.list', {});
  const fold = ({ name }: { name: string }): string => name.toLowerCase();
  const ofKeys = new Set(keys.map(fold));
  const ofCredentials = new Set(credentials.map(fold));
  return {
    keys: keys
      .filter(({ status, hasSessionToken }) => status === 'active' && !hasSessionToken)
      .map((key) => ({
        ...key,
        called: ofCredentials.has(fold(key)) || hasWord(key.name) ? `${KEY_PREFIX}${key.name}` : key.name,
        id: key.accessKeyId,
      })),
    credentials: credentials
      .filter(({ type, state }) => type !== 'smtp' && state === 'ready')
      .map((one) => ({
        ...one,
        called: ofKeys.has(fold(one)) || hasWord(one.name) ? `${CREDENTIAL_PREFIX}${one.name}` : one.name,
        id: one.credentialId ?? '',
      })),
  };
}

/** Without another word before it, such a name would mean something else. */
function hasWord(name: string): boolean {
  return calledAs(name).kind !== undefined;
}

/** What a person has to hand to tools first is as far as it can be. */
function isOnItsWay(rotation: Rotation | undefined): boolean {
  if (rotation?.state === 'done' || rotation?.state === 'quarantine') return true;
  return rotation?.adapter !== undefined && rotation.halt === 'unwatched';
}

function madeAt({ issuedAt, createdAt }: Pick<Aged, 'issuedAt' | 'createdAt'>): string {
  return issuedAt ?? createdAt;
}

function listText(cli: Cli, keys: readonly Aged[]): string {
  if (keys.length === 0) return 'No key is that old.\n';
  return table(
    [{ title: 'Key' }, { title: 'Account' }, { title: 'Id', fixed: true }, { title: 'Age', align: 'right' }],
    keys.map((key) => [key.called, key.account, key.id, age(madeAt(key), cli.now())]),
    { width: cli.width, header: cli.paint.dim },
  );
}

function summaryOf({ key, rotation, error }: Outcome): Record<string, unknown> {
  return {
    key,
    ...(rotation === undefined ? {} : { rotation }),
    ...(error === undefined ? {} : { error: error.toWire() }),
  };
}

function summaryText(cli: Cli, outcomes: readonly Outcome[]): string {
  return table(
    [{ title: 'Key' }, { title: 'State', fixed: true }, { title: 'What to know' }],
    outcomes.map(({ key, rotation, error }) => [
      key,
      rotation === undefined ? 'not begun' : stateWords(rotation),
      rotation?.message ?? error?.message ?? '',
    ]),
    { width: cli.width, header: cli.paint.dim },
  );
}

function skippedText(skipped: Result<'rotation.startDue'>['skipped']): string {
  if (skipped.length === 0) return '';
  return `\nLeft out:\n${skipped.map(({ key, why }) => `  ${key}: ${why}\n`).join('')}`;
}

/** What is left, for the person and for the vault. */
function nextText(outcomes: readonly Outcome[]): string {
  const named = (is: (rotation: Rotation) => boolean): string =>
    outcomes.flatMap(({ key, rotation }) => (rotation !== undefined && is(rotation) ? [key] : [])).join(', ');
  const lines = [
    [
      named(({ state }) => state === 'quarantine'),
      'the old key is deleted by itself after its quarantine; “keyhold rotate rollback NAME” until then',
    ],
    [named(({ state }) => state === 'planned'), 'begins once AWS can be reached, after a question'],
    [
      named(({ needs }) => needs === 'confirm'),
      'look at what it says, then “keyhold rotate resume NAME --confirm”, or rollback',
    ],
    [named(({ needs }) => needs === 'resume'), 'put right what it says, then “keyhold rotate resume NAME”'],
    [named(({ state, needs }) => state === 'waiting' && needs === undefined), 'is tried again by itself'],
  ] as const;
  const told = lines.flatMap(([names, what]) => (names === '' ? [] : [`  ${names}: ${what}.\n`]));
  return told.length === 0 ? '' : `\nWhat comes next:\n${told.join('')}`;
}
