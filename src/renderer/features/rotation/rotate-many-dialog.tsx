import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Params } from '../../../contract/methods.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useKeys } from '../../api/queries.ts';
import { listNames, plural } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { ShareBar } from '../../ui/progress-share.tsx';
import { Select } from '../../ui/select.tsx';
import { ManyRows } from './many-rows.tsx';
import { quarantineWanted, ROTATION_QUARANTINES } from './quarantines.ts';
import { type ManyRow, planMany, startMany, type Tally, tally } from './rotate-many.ts';
import { useRotations } from './rotation-queries.ts';

type Stage = 'choose' | 'planning' | 'planned' | 'starting' | 'started';

/** Several keys at once: which, what it would do to each, and what became of them. */
export function RotateManyDialog({ keys: names, onClose }: { keys: readonly string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const all = useKeys().data ?? [];
  const rotations = useRotations().data ?? [];
  const keys = names.flatMap((name) => all.find((key) => key.name === name) ?? []);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [quarantine, setQuarantine] = useState('schedule');
  const [stage, setStage] = useState<Stage>('choose');
  const [rows, setRows] = useState<readonly ManyRow[]>([]);
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  const chosen = keys.filter(({ name }) => !off.has(name)).map(({ name }) => name);
  const kept = quarantineWanted(quarantine);
  const asked = {
    // Whatever else is called so: these are access keys.
    plan: (key: string) => call('rotation.plan', { key: `key:${key}`, ...kept }),
    start: (wanted: Params<'rotation.startDue'>) => call('rotation.startDue', { ...wanted, ...kept }),
    wire: asWireError,
    show: (row: ManyRow) => setRows((before) => before.map((one) => (one.key === row.key ? row : one))),
    stopped: () => gone.current,
  };
  const plan = async () => {
    setRows(chosen.map((key) => ({ key, state: 'chosen' })));
    setStage('planning');
    await planMany(chosen, asked);
    if (!gone.current) setStage('planned');
  };
  const start = async () => {
    setStage('starting');
    await startMany(rows, asked);
    await refresh(queries, 'rotations', 'keys');
    if (!gone.current) setStage('started');
  };
  const counts = tally(rows);
  const settled = rows.filter(({ state }) => state !== 'chosen' && state !== 'planning').length;
  const busy = stage === 'planning' || stage === 'starting';
  return (
    <Dialog title={`Rotate ${plural(names.length, 'key')}`} width="large" isOpen onClose={onClose}>
      <DialogBody>
        {stage === 'choose' ? (
          <>
            <fieldset className="flex flex-col gap-1">
              <legend className="pb-1 font-medium">Access keys</legend>
              {keys.map((key) => (
                <div key={key.id} className="flex min-h-8 items-center">
                  <Checkbox
                    isSelected={!off.has(key.name)}
                    onChange={(on) => setOff((before) => withMember(before, key.name, !on))}
                  >
                    <span className="font-medium">{key.name}</span> <span className="text-muted">{key.account}</span>
                    <span className="text-muted">
                      {key.profiles.length === 0 ? '' : `, used by ${listNames(key.profiles)}`}
                    </span>
                  </Checkbox>
                </div>
              ))}
            </fieldset>
            <Select
              label="Quarantine"
              choices={ROTATION_QUARANTINES}
              value={quarantine}
              onChange={setQuarantine}
              hint="How long each old key stays, deactivated, before it is deleted."
            />
            <p className="text-muted">
              The plans ask AWS about each user and its keys, one after the other. They change nothing, there or here.
            </p>
          </>
        ) : (
          <>
            {stage === 'planning' && (
              <ShareBar label="Asking AWS about each key…" value={settled / Math.max(1, rows.length)}>
                {settled} of {rows.length}
              </ShareBar>
            )}
            {stage === 'planned' && (
              <Callout tone={counts.ready === 0 ? 'error' : 'info'} live>
                {planWords(counts)}
              </Callout>
            )}
            {stage === 'started' && (
              <Callout tone={counts.failed > 0 ? 'warning' : 'info'} live>
                {startWords(counts.begun, rows.length - counts.begun)}
              </Callout>
            )}
            <ManyRows rows={rows} keys={keys} rotations={rotations} />
          </>
        )}
      </DialogBody>
      <DialogFooter>
        {stage === 'started' ? (
          <>
            <Button onPress={onClose}>Close</Button>
            <Button
              key="board"
              variant="primary"
              autoFocus
              onPress={() => {
                onClose();
                navigate('rotation');
              }}
            >
              Go to the board
            </Button>
          </>
        ) : (
          <>
            <Button onPress={onClose}>{stage === 'starting' ? 'Close' : 'Cancel'}</Button>
            {(stage === 'planned' || stage === 'starting') && (
              <Button isDisabled={busy} onPress={() => setStage('choose')}>
                Back
              </Button>
            )}
            {stage === 'choose' || stage === 'planning' ? (
              <Button variant="primary" isDisabled={busy || chosen.length === 0} onPress={() => void plan()}>
                Make the plans
              </Button>
            ) : (
              <Button variant="primary" isDisabled={busy || counts.ready === 0} onPress={() => void start()}>
                {busy ? 'Starting…' : `Start ${plural(counts.ready, 'rotation')}`}
              </Button>
            )}
          </>
        )}
      </DialogFooter>
    </Dialog>
  );
}

function planWords({ ready, later, blocked, failed }: Tally): string {
  if (ready === 0) return 'None of them can be rotated now. Each says what stands in its way.';
  const not = blocked + failed;
  const now = later === ready ? '' : `${plural(ready - later, 'key')} can be rotated. `;
  const wait = later === 0 ? '' : `${plural(later, 'key')} can be begun once AWS can be reached, after a question. `;
  const rest = not === 0 ? '' : `${not === 1 ? 'One cannot, and is' : `${not} cannot, and are`} left alone. `;
  return `${now}${wait}${rest}Nothing has been changed yet.`;
}

function startWords(begun: number, not: number): string {
  const rest = not === 0 ? '' : ` ${plural(not, 'key')} ${not === 1 ? 'was' : 'were'} not begun.`;
  return `${plural(begun, 'rotation')} under way; each goes on by itself, and the board tells what needs you.${rest}`;
}
