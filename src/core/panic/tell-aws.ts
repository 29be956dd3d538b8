import { onNobodysBehalf } from '../gates/touch-call.ts';
import { Over } from './attempt.ts';
import { closeAccount } from './close-account.ts';
import { handsOf, wantsTouch } from './hands.ts';
import { identify } from './identify.ts';
import { journal, type PanicRun, quietly, recordOf } from './run.ts';

/** Everything that is still to be done at AWS, accounts side by side. What fails stays in the record, with why; so does what was not reached when the time is over. */
export async function tellAws(run: PanicRun): Promise<void> {
  const accounts = new Set([
    ...recordOf(run).steps.map(({ account }) => account),
    ...recordOf(run).keys.map(({ account }) => account),
    ...recordOf(run).sessions.map(({ account }) => account),
  ]);
  await Promise.all(
    [...accounts].map(async (account) => {
      try {
        await tellAccount(run, account);
      } catch (error) {
        if (error instanceof Over || run.over || run.session.closed) return;
        run.call.core.ports.log.error('a panic could not be carried out', { error });
        await giveUp(run, account);
      }
    }),
  );
}

/** First with what wants no touch: one that nobody gives would use up the time for all other keys of the account. */
async function tellAccount(run: PanicRun, account: string): Promise<void> {
  const off = new Set<string>();
  if (handsOf(run, account).some((hand) => wantsTouch(run, hand))) {
    const quiet = quietly(run);
    await onNobodysBehalf(async () => {
      const hands = await identify(quiet, account, off);
      await closeAccount(quiet, account, hands);
      for (const hand of hands) if (hand.off) off.add(hand.accessKeyId);
    });
  }
  await closeAccount(run, account, await identify(run, account, off));
}

/** A defect of ours is none of the steps that are left undone for it: they say so. */
async function giveUp(run: PanicRun, account: string): Promise<void> {
  const message = 'Something went wrong inside Keyhold; the daemon log has the details. Do it in the IAM console.';
  await journal(run, (record) => ({
    ...record,
    steps: record.steps.map((step) =>
      step.account === account && (step.state === 'todo' || step.state === 'asked')
        ? { ...step, state: 'failed', message, ...(step.state === 'asked' ? { unsure: true as const } : {}) }
        : step,
    ),
  }));
}
