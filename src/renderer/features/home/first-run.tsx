import { Check } from 'lucide-react';
import type { Profile } from '../../../contract/schemas.ts';
import { navigate } from '../../lib/router.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { Button } from '../../ui/button.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { cx } from '../../ui/cx.ts';
import { type DialogRequest, openDialog } from '../dialogs/dialog-store.ts';
import { useHsmStatus } from '../hsm/hsm-queries.ts';
import type { Step } from './first-steps.ts';

const ACTIONS: Readonly<Record<Step['id'], { label: string; request: DialogRequest }>> = {
  account: { label: 'Add an account', request: { kind: 'account.add' } },
  key: { label: 'Add an access key', request: { kind: 'key.add' } },
  profile: { label: 'Add a profile', request: { kind: 'profile.add' } },
  client: { label: 'Add a client', request: { kind: 'client.add' } },
};

/** The four steps, the first open one unfolded. */
export function FirstRun({ steps, profiles }: { steps: readonly Step[]; profiles: readonly Profile[] }) {
  const current = steps.find((step) => !step.done);
  const profile = profiles[0]?.name;
  return (
    <section aria-labelledby="first-run" className="flex flex-col gap-4 rounded-panel border border-line p-5">
      <div className="flex flex-col gap-1">
        <h2 id="first-run" className="text-title font-semibold">
          From zero to a signed request
        </h2>
        <p className="text-muted">Four steps, about two minutes.</p>
      </div>
      <ol className="flex flex-col gap-1">
        {steps.map((step, index) => {
          const open = step === current;
          const action = ACTIONS[step.id];
          return (
            <li key={step.id} className="flex gap-3 py-1.5" aria-current={open ? 'step' : undefined}>
              <span
                className={cx(
                  'flex size-5 shrink-0 items-center justify-center rounded-full border tabular-nums',
                  step.done
                    ? 'border-accent bg-accent text-on-accent'
                    : open
                      ? 'border-accent font-semibold text-accent-ink'
                      : 'border-control text-muted',
                )}
              >
                {step.done ? <Check size={12} strokeWidth={3} aria-label="Done" /> : index + 1}
              </span>
              <div className="flex min-w-0 flex-1 flex-col gap-2">
                <div>
                  <h3 className={cx('font-semibold', !open && 'text-muted')}>{step.title}</h3>
                  {open && <p className="text-muted">{step.text}</p>}
                </div>
                {open && (
                  <>
                    {step.id === 'client' && profile !== undefined && (
                      <CodeLine text={`keyhold exec ${shellQuote(profile)} -- aws s3 ls`} />
                    )}
                    <div className="flex flex-wrap gap-2">
                      <Button
                        variant={step.id === 'client' ? 'secondary' : 'primary'}
                        onPress={() => openDialog(action.request)}
                      >
                        {step.id === 'client' ? 'Or add a client for a tool' : action.label}
                      </Button>
                      {(step.id === 'account' || step.id === 'key') && (
                        <Button variant="secondary" onPress={() => openDialog({ kind: 'signIn.add' })}>
                          Or add a sign-in
                        </Button>
                      )}
                    </div>
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      <SecondCopy />
    </section>
  );
}

/** Whenever it suits: nothing waits for it. */
function SecondCopy() {
  const hsm = useHsmStatus();
  if (hsm.data?.copies.length !== 1) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line pt-4">
      <p className="min-w-64 flex-1 text-muted">
        There is one copy of the vault. A second one on another disk or a stick gets every change, and takes its place
        when this disk fails.
      </p>
      <Button size="compact" onPress={() => navigate('hsm')}>
        Add a second copy
      </Button>
    </div>
  );
}
