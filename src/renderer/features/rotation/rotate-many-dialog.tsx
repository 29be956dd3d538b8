import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Params } from '../../../contract/methods.ts';
import { asWireError } from '../../api/error.ts';
import { call } from '../../api/keyhold.ts';
import { refresh, useKeys } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { navigate } from '../../lib/router.ts';
import { useGone } from '../../lib/use-gone.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { ShareBar } from '../../ui/progress-share.tsx';
import { Select } from '../../ui/select.tsx';
import { useCredentials } from '../credentials/credential-queries.ts';
import { ManyRows } from './many-rows.tsx';
import { countWords, manyThings, someOf } from './many-things.ts';
import { quarantineWanted, ROTATION_QUARANTINES } from './quarantines.ts';
import { type ManyRow, planMany, startMany, type Tally, tally } from './rotate-many.ts';
import { useRotations } from './rotation-queries.ts';

type Stage = 'choose' | 'planning' | 'planned' | 'starting' | 'started';

/** Several keys and credentials at once: which, what it would do to each, and what became of them. */
export function RotateManyDialog({
  keys: keyNames,
  credentials: credentialNames,
  onClose,
}: {
  keys: readonly string[];
  credentials: readonly string[];
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const known = { keys: useKeys().data ?? [], credentials: useCredentials().data ?? [] };
  const rotations = useRotations().data ?? [];
  const wanted = manyThings({ keys: keyNames, credentials: credentialNames }, known);
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [quarantine, setQuarantine] = useState('schedule');
  const [stage, setStage] = useState<Stage>('choose');
  const [rows, setRows] = useState<readonly ManyRow[]>([]);
  const gone = useGone();
  const chosen = wanted.filter(({ called }) => !off.has(called)).map(({ called }) => called);
  const kept = quarantineWanted(quarantine);
  const asked = {
    plan: (called: string) => call('rotation.plan', { key: called, ...kept }),
    start: (those: Params<'rotation.startDue'>) => call('rotation.startDue', { ...those, ...kept }),
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
    await refresh(queries, 'rotations', 'keys', 'credentials');
    if (!gone.current) setStage('started');
  };
  const counts = tally(rows);
  const some = someOf(wanted);
  const settled = rows.filter(({ state }) => state !== 'chosen' && state !== 'planning').length;
  const busy = stage === 'planning' || stage === 'starting';
  return (
    <Dialog title={`Rotate ${countWords(wanted)}`} width="large" isOpen onClose={onClose}>
      <DialogBody>
        {stage === 'choose' ? (
          <>
            <fieldset className="flex flex-col gap-1">
              <legend className="pb-1 font-medium">Which</legend>
              {wanted.map((one) => (
                <div key={one.called} className="flex min-h-8 items-center">
                  <Checkbox
                    isSelected={!off.has(one.called)}
                    onChange={(on) => setOff((before) => withMember(before, one.called, !on))}
                  >
                    <span className="font-medium">{one.name}</span> <span className="text-muted">{one.account}</span>
                    <span className="text-muted">{one.note === '' ? '' : `, ${one.note}`}</span>
                  </Checkbox>
                </div>
              ))}
            </fieldset>
            <Select
              label="Quarantine"
              choices={ROTATION_QUARANTINES}
              value={quarantine}
              onChange={setQuarantine}
              hint="How long each old one stays, deactivated, before it is deleted."
            />
            <p className="text-muted">
              The plans ask AWS about each user and what it has, one after the other. They change nothing, there or
              here.
            </p>
          </>
        ) : (
          <>
            {stage === 'planning' && (
              <ShareBar label="Asking AWS about each…" value={settled / Math.max(1, rows.length)}>
                {settled} of {rows.length}
              </ShareBar>
            )}
            {stage === 'planned' && (
              <Callout tone={counts.ready === 0 ? 'error' : 'info'} live>
                {planWords(counts, some)}
              </Callout>
            )}
            {stage === 'started' && (
              <Callout tone={counts.failed > 0 ? 'warning' : 'info'} live>
                {startWords(counts.begun, rows.length - counts.begun, some)}
              </Callout>
            )}
            <ManyRows rows={rows} things={wanted} rotations={rotations} />
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

type Counted = ReturnType<typeof someOf>;

function planWords({ ready, later, blocked, failed }: Tally, some: Counted): string {
  if (ready === 0) return 'None of them can be rotated now. Each says what stands in its way.';
  const not = blocked + failed;
  const now = later === ready ? '' : `${some(ready - later)} can be rotated. `;
  const wait = later === 0 ? '' : `${some(later)} can be begun once AWS can be reached, after a question. `;
  const rest = not === 0 ? '' : `${not === 1 ? 'One cannot, and is' : `${not} cannot, and are`} left alone. `;
  return `${now}${wait}${rest}Nothing has been changed yet.`;
}

function startWords(begun: number, not: number, some: Counted): string {
  const rest = not === 0 ? '' : ` ${some(not)} ${not === 1 ? 'was' : 'were'} not begun.`;
  return `${plural(begun, 'rotation')} under way; each goes on by itself, and the board tells what needs you.${rest}`;
}
