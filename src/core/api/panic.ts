import { KeyholdError } from '../../contract/errors.ts';
import type { PanicReport } from '../../contract/panic.ts';
import { addSpareKeys } from '../panic/add-spare-keys.ts';
import { aimsOf, beginPanic } from '../panic/begin-panic.ts';
import { credentialAims } from '../panic/credential-aims.ts';
import { roleOfSession } from '../panic/identity.ts';
import { lastPanic, openPanic, type PanicRun } from '../panic/run.ts';
import { isOpen } from '../panic/step.ts';
import { isLookedUp } from '../panic/stranger-words.ts';
import { endPanic } from '../panic/switch-on.ts';
import { tellAws } from '../panic/tell-aws.ts';
import type { OwnRun } from '../panic/turns.ts';
import { undoPanic } from '../panic/undo-panic.ts';
import { viewPanic } from '../panic/view-panic.ts';
import type { ThingKind } from '../things.ts';
import type { CallContext, Handlers } from './handler.ts';

/** The lock does not wait longer for AWS, nor for a touch. */
const MOST_MS = 30_000;
/** Nor for the vault's file. */
const BEGIN_MS = 10_000;
/** What a rotation is in the middle of may end in this time. */
const REST_MS = 3_000;
const KINDS: readonly ThingKind[] = [
  'panic',
  'accessKey',
  'account',
  'profile',
  'client',
  'awsSession',
  'leftSession',
  'rotation',
  'otpDevice',
  'credential',
];

export const panicHandlers: Handlers<
  'panic.plan' | 'panic.start' | 'panic.status' | 'panic.resume' | 'panic.undo' | 'panic.close'
> = {
  'panic.plan': async ({ core }, { keys: wanted }) => {
    const things = await core.session().need(...KINDS);
    const { keys, clients, profiles } = aimsOf(things, wanted);
    // All that the vault holds end, whichever keys are chosen.
    const held = things.all('awsSession').map(({ value }) => value);
    const roles = profiles.map(
      ({ id, value }) => value.role?.arn ?? roleOfSession(held.find((one) => one.profile === id)?.arn),
    );
    return {
      keys: keys.map(({ value }) => value.name),
      credentials: [
        ...new Set(
          credentialAims(
            things,
            keys.map(({ id: key, value: { name, account } }) => ({ key, name, account })),
          ).map(({ credential }) => credential.name),
        ),
      ],
      clients: clients.length,
      sessions: held.map(({ profile }) => things.must('profile', profile).name),
      roles: [...new Set(roles.filter((arn) => arn !== undefined))],
    };
  },

  'panic.start': async (call, input) => {
    const session = call.core.session();
    let report: PanicReport;
    try {
      // Throws for a name that does not exist, before anything is stopped for it.
      aimsOf(await session.need(...KINDS), input.keys);
      session.panics.endUndoing();
      const id = await Promise.race([beginPanic(call, session, input.keys), tooLate(call)]);
      const run: OwnRun = { call, session, id, over: false, superseded: false };
      if (!input.now) await inTime(run, MOST_MS, () => carryOutInTurn(run));
      report = viewPanic(session.things, session.things.must('panic', id));
    } catch (error) {
      // A name that does not exist is for the person to put right; whatever else failed, the lock comes.
      if (input.keepUnlocked || session.closed || (error instanceof KeyholdError && error.code === 'NotFound'))
        throw error;
      await call.core.lifecycle.lock('request', call.actor);
      throw lockedAllTheSame(error);
    }
    if (!input.keepUnlocked) await call.core.lifecycle.lock('request', call.actor);
    return report;
  },

  'panic.status': async ({ core }) => {
    const things = await core.session().need(...KINDS);
    const found = lastPanic(things);
    return { report: found === undefined ? null : viewPanic(things, found.value) };
  },

  'panic.resume': async (call) => {
    const run = await begun(call);
    await run.session.panics.take(run, async () => {
      const spare = await addSpareKeys(run);
      const record = run.session.things.must('panic', run.id);
      if (!spare && !record.steps.some(isOpen) && isLookedUp(record)) {
        throw new KeyholdError('InvalidInput', 'The panic has done everything; there is nothing to try again.');
      }
      await carryOut(run);
    });
    return viewPanic(run.session.things, run.session.things.must('panic', run.id));
  },

  'panic.undo': async (call) => {
    const run = await begun(call);
    await run.session.panics.takeToUndo(run, () => undoPanic(run));
    return viewPanic(run.session.things, run.session.things.must('panic', run.id));
  },

  'panic.close': async (call) => {
    const run = await begun(call);
    const { session, id } = run;
    return session.panics.take(run, () =>
      session.write(call.actor, (draft) => {
        const value = endPanic(draft, session.things.must('panic', id), 'closed', call.core.ports.clock.now());
        draft.put('panic', id, value);
        draft.record('panic.close');
        return () => viewPanic(session.things, value);
      }),
    );
  },
};

async function begun(call: CallContext): Promise<OwnRun> {
  const session = call.core.session();
  const found = openPanic(await session.need(...KINDS));
  if (found === undefined)
    throw new KeyholdError('NotFound', 'There is no panic to go on with. See “keyhold panic status”.');
  return { call, session, id: found.id, over: false, superseded: false };
}

async function carryOutInTurn(run: OwnRun): Promise<void> {
  const { panics } = run.session;
  await panics.take(run, () => carryOut(run));
  // The lock is not to end one that was begun on top of this one.
  await panics.idle();
}

async function carryOut(run: PanicRun): Promise<void> {
  const { call, session } = run;
  // A key that a rotation is just being given is to be switched off with the others.
  const rested = call.core.rotations.rest(session);
  await Promise.race([rested, pause(call, REST_MS)]);
  await addSpareKeys(run);
  await tellAws(run);
  // AWS may take longer for it than the others wait.
  await rested;
  if (!run.over && (await addSpareKeys(run))) await tellAws(run);
}

/** Stops waiting after a time: calls that are under way go on, and no other is begun. */
async function inTime(
  run: PanicRun & { over: boolean },
  milliseconds: number,
  work: () => Promise<void>,
): Promise<void> {
  const late = pause(run.call, milliseconds).then(() => {
    run.over = true;
  });
  await Promise.race([work(), late]);
}

function pause({ core }: CallContext, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    core.ports.clock.setTimer(milliseconds, resolve);
  });
}

/** Something else that is being written does not come to an end: the lock does not wait for it. */
async function tooLate(call: CallContext): Promise<never> {
  await pause(call, BEGIN_MS);
  throw new KeyholdError('Timeout', 'The vault could not be written in time.');
}

function lockedAllTheSame(error: unknown): KeyholdError {
  const why = error instanceof KeyholdError ? ` ${error.message}` : ' The daemon log has the details.';
  return new KeyholdError(
    error instanceof KeyholdError ? error.code : 'Internal',
    `The vault is locked, but AWS may not have been told everything.${why} Unlock it and see “keyhold panic status”.`,
    undefined,
    { cause: error },
  );
}
