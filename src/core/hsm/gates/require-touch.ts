import { KeyholdError } from '../../../contract/errors.ts';
import type { Gate, HsmOperation, TouchWanted } from '../protocol.ts';
import { referencesIn } from '../references.ts';
import type { TokenState } from '../state.ts';
import { loadObject } from '../use-object.ts';
import { aheadOfUse } from './ahead.ts';
import { digestOfUse } from './digest-of-use.ts';
import { takesKey } from './gate.ts';
import { isOpen } from './open-operations.ts';
import { remember, type Touch } from './state.ts';

/** How long what a touch has allowed may wait to be done, in milliseconds. */
const ALLOWED_MS = 60_000;

/** Those that ask by themselves, because the input alone does not say whether a touch is needed. */
const ASKS_ITSELF: ReadonlySet<HsmOperation> = new Set<HsmOperation>([
  'sigv4Verify', // only for what would be found right: nobody is bothered for a forgery
  'sigv4SignChunks', // continues a request that was touched for
  'updateObject', // only to loosen the gate
  ...(['sigv4DeriveClientKey', 'sigv4aPublicKey'] as const), // never, whoever touches (no-gate.ts)
]);

/** The gate before every operation. Throws `TouchRequired` for the first object that has a gate and no touch; nothing is used up then. */
export function requireTouch(state: TokenState, op: HsmOperation, input: unknown): void {
  if (isOpen(op) || ASKS_ITSELF.has(op) || state.keys === null || state.inspecting) return;
  const gated: WantedUse[] = [];
  for (const reference of referencesIn(input)) {
    const { id, policy } = loadObject(state, reference).attributes;
    if (policy.mfa !== undefined) gated.push({ op, object: id, gate: policy.mfa });
  }
  const passes = gated.map((wanted) => findPass(state, wanted, input));
  for (const pass of passes) spendPass(state, pass);
}

export interface WantedUse {
  op: HsmOperation;
  object: string;
  gate: Gate;
  /** A touch for this alone, which is no use of the object: it opens no window of it. */
  alone?: boolean;
}

/** The same for one object, by operations that ask themselves. Answers the touch that allowed it. */
export function requireTouchFor(state: TokenState, wanted: WantedUse, input: unknown): Touch {
  const pass = findPass(state, wanted, input);
  spendPass(state, pass);
  return pass.touch;
}

/** Asks ahead for what `requireTouchFor` will want with the same input; uses nothing up. */
export function askTouchFor(state: TokenState, wanted: WantedUse, input: unknown): void {
  findPass(state, wanted, input);
}

interface Pass {
  object: string;
  touch: Touch;
  /** The use that this was allowed for; none where the gate's window is open. */
  use?: string;
  alone?: boolean;
}

function findPass(state: TokenState, { op, object, gate, alone = false }: WantedUse, input: unknown): Pass {
  const now = state.ports.clock.monotonic();
  const last = state.gates.touches.get(object);
  if (last !== undefined && now - last.at < gate.withinSeconds * 1000 && takesKey(gate, last.key)) {
    return { object, touch: last };
  }
  const use = digestOfUse(state, op, object, input);
  for (const name of [use, alone ? undefined : aheadOfUse(op, object, input)]) {
    const touch = name === undefined ? undefined : state.gates.allowed.get(name);
    if (name === undefined || touch === undefined) continue;
    if (now - touch.at < ALLOWED_MS && takesKey(gate, touch.key)) return { object, touch, use: name, alone };
  }
  remember(state.gates.asked, use, { object, gate });
  throw touchRequired({ use, object, ...gate });
}

function spendPass(state: TokenState, { object, touch, use, alone = false }: Pass): void {
  if (use === undefined) return;
  state.gates.allowed.delete(use);
  if (alone) return;
  // What was touched for one use counts as the last touch from then on, for how long is the gate's to say.
  remember(state.gates.touches, object, touch);
}

function touchRequired(wanted: TouchWanted): KeyholdError {
  const message = 'This wants a touch of a security key. Plug yours in, try again, and touch it when it blinks.';
  return new KeyholdError('TouchRequired', message, { ...wanted });
}
