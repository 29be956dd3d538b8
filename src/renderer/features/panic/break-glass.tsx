import { useState } from 'react';
import { asWireError } from '../../api/error.ts';
import { useKeys } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { CodeLine } from '../../ui/code.tsx';
import { RowsSkeleton } from '../../ui/states.tsx';
import { ConfirmPanicDialog } from './confirm-panic-dialog.tsx';
import { usePanicPlan } from './panic-queries.ts';
import { keysHereAndThere, panicKeys, wantedKeys } from './panic-words.ts';

/** Which keys, what will happen to them, and the button that asks once more. */
export function BreakGlass() {
  const query = useKeys();
  const all = query.data;
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [keepUnlocked, setKeepUnlocked] = useState(false);
  const [now, setNow] = useState(false);
  const [asking, setAsking] = useState(false);
  const keys = panicKeys(all ?? []);
  const chosen = keys.filter(({ name }) => !off.has(name)).map(({ name }) => name);
  const wanted = wantedKeys(keys, off);
  const plan = usePanicPlan(wanted);
  const what = plan.data;
  const { active, disabled } = keysHereAndThere(
    all ?? [],
    // Until the plan of this choice is there, the choice itself: never the plan before.
    what === undefined || plan.isPlaceholderData ? chosen : what.keys,
  );
  if (all === undefined && query.isError) {
    return (
      <ErrorCallout
        error={asWireError(query.error)}
        title="Your access keys could not be read"
        actions={
          <Button size="compact" onPress={() => void query.refetch()}>
            Try again
          </Button>
        }
      />
    );
  }
  if (all === undefined) return <RowsSkeleton rows={5} height={32} />;
  return (
    <section aria-label="Break the glass" className="flex flex-col gap-5">
      <fieldset className="flex flex-col gap-1">
        <legend className="pb-1 font-semibold">Which access keys</legend>
        {keys.length === 0 ? (
          <p className="text-muted">No access key here is active. Clients and sessions can be ended all the same.</p>
        ) : (
          <>
            <div className="flex min-h-8 items-center">
              <Checkbox
                isSelected={chosen.length === keys.length}
                onChange={(on) => setOff(new Set(on ? [] : keys.map(({ name }) => name)))}
              >
                All {keys.length}
              </Checkbox>
            </div>
            <ul className="grid gap-x-6 wide:grid-cols-2">
              {keys.map((key) => (
                <li key={key.id} className="flex min-h-8 min-w-0 items-center">
                  <Checkbox isSelected={!off.has(key.name)} onChange={(on) => setOff(withMember(off, key.name, !on))}>
                    <span className="font-medium">{key.name}</span> <span className="text-muted">{key.account}</span>
                  </Checkbox>
                </li>
              ))}
            </ul>
          </>
        )}
      </fieldset>
      <div className="flex flex-col gap-2">
        <h2 className="font-semibold">What will happen</h2>
        <ol className="flex list-decimal flex-col gap-1 pl-5">
          <li>
            At once, here: {plural(active, 'access key')} and{' '}
            {what === undefined ? 'every client' : plural(what.clients, 'client')} are switched off
            {what === undefined || what.sessions.length === 0
              ? ', and sessions end.'
              : `, and ${plural(what.sessions.length, 'session')} ${what.sessions.length === 1 ? 'ends' : 'end'}: ${listNames(what.sessions)}.`}
          </li>
          <li>
            At AWS: each of these keys is deactivated, the one that does the work last
            {disabled.length === 0
              ? '.'
              : `; so ${disabled.length === 1 ? 'is what is' : 'are those that are'} disabled here already: ${listNames(disabled)}.`}
          </li>
          {what !== undefined && what.credentials.length > 0 && (
            <li>
              At AWS: the passwords and SSH keys of the keys’ users are deactivated: {listNames(what.credentials)}.
            </li>
          )}
          <li>
            At AWS: sessions from before are refused, of the keys’ users
            {what === undefined || what.roles.length === 0
              ? '.'
              : ` and of ${plural(what.roles.length, 'role')}: ${listNames(what.roles.map(shortRole))}.`}
          </li>
          <li>{keepUnlocked ? 'The vault stays unlocked.' : 'The vault locks, whatever became of the rest.'}</li>
        </ol>
        <p className="text-muted">
          A report says what was done, what failed and what to do next. Most of it can be taken back.
        </p>
        {plan.isError && <ErrorCallout error={asWireError(plan.error)} />}
      </div>
      <div className="flex flex-col gap-2">
        <Checkbox
          isSelected={now}
          onChange={(on) => {
            setNow(on);
            if (on) setKeepUnlocked(false);
          }}
        >
          Lock first
          <span className="block text-muted">AWS is told later, from the report, after you unlock.</span>
        </Checkbox>
        <Checkbox
          isSelected={keepUnlocked}
          onChange={(on) => {
            setKeepUnlocked(on);
            if (on) setNow(false);
          }}
        >
          Keep the vault unlocked
        </Checkbox>
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button variant="danger" isDisabled={keys.length > 0 && chosen.length === 0} onPress={() => setAsking(true)}>
          Break the glass…
        </Button>
        <span className="text-muted">Nothing happens yet: you are asked once more.</span>
      </div>
      <div className="flex flex-col gap-1">
        <span className="text-muted">Or from a terminal</span>
        <CodeLine text="keyhold panic" />
      </div>
      {asking && (
        <ConfirmPanicDialog
          wanted={{ keys: wanted, keepUnlocked, now }}
          count={active}
          onClose={() => setAsking(false)}
        />
      )}
    </section>
  );
}

function shortRole(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
