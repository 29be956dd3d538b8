import { CREDENTIAL_PREFIX, KEY_PREFIX } from '../../../contract/called-as.ts';
import { ROTATION_STEPS, type Rotation, type RotationStep } from '../../../contract/rotation.ts';
import { formatLasting, formatRelative, plural } from '../../lib/format.ts';

/** As the contract wants it called: a credential may have the name of an access key. */
export function calledOf({ adapter, key }: Pick<Rotation, 'adapter' | 'key'>): string {
  return `${adapter === undefined ? KEY_PREFIX : CREDENTIAL_PREFIX}${key}`;
}

const NOUNS: Readonly<Record<NonNullable<Rotation['adapter']>, string>> = { service: 'password', sshKey: 'SSH key' };

/** What there is an old and a new one of. */
export function nounOf({ adapter }: Pick<Rotation, 'adapter'>): string {
  return adapter === undefined ? 'key' : NOUNS[adapter];
}

const LABELS: Readonly<Record<RotationStep, string>> = {
  preflight: 'Look at the user and its keys',
  create: 'Make a new key',
  verify: 'Use the new key until AWS takes it',
  switch: 'Switch profiles and clients over',
  retire: 'Deactivate the old key at AWS',
  watch: 'Watch whether anybody misses it',
  delete: 'Delete the old key',
  reactivate: 'Activate the old key again',
  return: 'Switch back to the old key',
  discard: 'Delete the new key',
};

/** Nothing is switched over to a credential: a person hands it to the tools. */
function labelOf(step: RotationStep, rotation: Pick<Rotation, 'adapter'>): string {
  if (rotation.adapter === undefined) return LABELS[step];
  const noun = nounOf(rotation);
  if (step === 'verify') return `See that IAM lists the new ${noun}`;
  if (step === 'switch') return `Put the new ${noun} into its place in the vault`;
  if (step === 'return') return `Put the old ${noun} back into its place in the vault`;
  return LABELS[step].replace(/\bkey(?=s?\b)/, noun);
}

const BACK: readonly RotationStep[] = ['reactivate', 'return', 'discard'];
const FORWARD = ROTATION_STEPS.filter((step) => !BACK.includes(step));

export interface StepRow {
  step: RotationStep;
  label: string;
  state: 'done' | 'now' | 'halted' | 'todo';
  evidence: { at: string; text: string }[];
}

/** The saga as rows. One that is taken back shows how far it came, then its way back. */
export function stepRows(rotation: Rotation): StepRow[] {
  const { state, step, evidence } = rotation;
  const seen = new Set(evidence.map((one) => one.step));
  const goesBack = state === 'rolledBack' || BACK.includes(step);
  const ended = state === 'done' || state === 'rolledBack' || state === 'refused';
  const forward = goesBack || state === 'refused' ? FORWARD.filter((one) => seen.has(one)) : FORWARD;
  const steps = goesBack ? [...forward, ...BACK] : forward;
  const next = ended ? steps.length : steps.indexOf(step);
  return steps.map((one, index) => ({
    step: one,
    label: labelOf(one, rotation),
    state: stateOf(index, next, rotation),
    evidence: evidence.filter((entry) => entry.step === one),
  }));
}

function stateOf(index: number, next: number, { state, step }: Rotation): StepRow['state'] {
  if (state === 'refused') return 'halted';
  if (index < next) return 'done';
  if (index > next) return 'todo';
  return state === 'waiting' && step !== undefined ? 'halted' : 'now';
}

export type RotationLook =
  | 'due'
  | 'planned'
  | 'running'
  | 'retrying'
  | 'waiting'
  | 'quarantine'
  | 'done'
  | 'rolledBack'
  | 'refused';

export function lookOf({ state, needs }: Pick<Rotation, 'state' | 'needs'>): RotationLook {
  return state === 'waiting' && needs === undefined ? 'retrying' : state;
}

const WORDS: Readonly<Record<RotationLook, string>> = {
  due: 'due',
  planned: 'planned',
  running: 'running',
  retrying: 'tries again',
  waiting: 'needs you',
  quarantine: 'in quarantine',
  done: 'done',
  rolledBack: 'rolled back',
  refused: 'not begun',
};

export function lookWord(look: RotationLook): string {
  return WORDS[look];
}

/** Where it stands, in the daemon's words; a time to come is told from now. */
export function messageOf(rotation: Rotation, now: number): string {
  const { state, message, quarantineUntil } = rotation;
  if (state !== 'quarantine' || quarantineUntil === undefined) return message;
  const noun = nounOf(rotation);
  return Date.parse(quarantineUntil) <= now
    ? `The old ${noun} is deactivated at AWS; it is looked at once more, then deleted.`
    : `The old ${noun} is deactivated at AWS, and is deleted ${formatRelative(quarantineUntil, now)}.`;
}

/** What to go on means, where somebody has to agree: the heading, what it risks, and the button. */
export function confirmWords(rotation: Pick<Rotation, 'adapter' | 'halt'>): {
  title: string;
  risk: string;
  action: string;
} {
  const noun = nounOf(rotation);
  switch (rotation.halt) {
    case 'usedElsewhere':
      return {
        title: `Go on although the old ${noun} is used elsewhere?`,
        risk: `Whoever still uses the old ${noun} loses access with it. Give them the new one first, or one of their own.`,
        action: 'Go on anyway',
      };
    case 'unwatched':
      return {
        title: `Go on without knowing who uses the old ${noun}?`,
        risk: `AWS does not say when the old ${noun} was last used, so nobody can tell whether another machine needs it.`,
        action: 'Go on anyway',
      };
    case 'inDoubt':
      return {
        title: `Delete the ${noun} whose secret was lost?`,
        risk: `If another machine made it at the same moment, that machine has no working ${noun} afterwards.`,
        action: 'Delete it now',
      };
    default:
      return {
        title: 'Begin the rotation now?',
        risk: 'It was planned while AWS could not be reached. Nothing has been done yet.',
        action: 'Begin now',
      };
  }
}

/** `24 h`, `7 days`; what a quarantine of so many seconds is called. */
export function quarantineWords(seconds: number): string {
  if (seconds === 0) return 'none';
  return seconds >= 172_800 && seconds % 86_400 === 0 ? plural(seconds / 86_400, 'day') : formatLasting(seconds);
}
