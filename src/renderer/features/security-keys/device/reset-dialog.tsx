import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { SecurityKeyDevice } from '../../../../contract/mfa.ts';
import { call } from '../../../api/keyhold.ts';
import { useNow } from '../../../lib/use-now.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { TextField } from '../../../ui/field.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { useSecurityKeys } from '../key-queries.ts';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { type KeyWork, useKeyWork } from '../use-key-work.ts';
import { KeyTrouble } from './device-trouble.tsx';

/** CTAP 2.1, section 6.6: a key may refuse to be erased later than that after it was plugged in. */
const RESET_WITHIN_MS = 10_000;

/** Erases a key: its name typed, plugged in anew, touched in time. */
export function ResetDialog({ device, onClose }: { device: SecurityKeyDevice; onClose: () => void }) {
  const queries = useQueryClient();
  const unlocking = (useSecurityKeys().data ?? []).filter(({ slots }) => slots.length > 0);
  const [typed, setTyped] = useState('');
  const work = useKeyWork('reset');
  const matches = typed.trim() === device.name;
  const reset = async () => {
    const done = await work.run(async () => {
      await call('mfa.reset', { device: device.id, confirm: typed.trim() });
    });
    await queries.invalidateQueries({ queryKey: ['devices'] });
    if (!done) return;
    notify({ message: `${device.name} was erased: it has no PIN and no credentials.` });
    onClose();
  };
  return (
    <Dialog title={`Erase ${device.name}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && matches) void reset();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work} {...noteOf(work)}>
            <p>
              Its PIN and everything on it go, for Keyhold and for every web site it signs in to. Nothing brings them
              back.
            </p>
            {unlocking.length > 0 && (
              <Callout tone="warning">
                If it is one of the keys that open this vault, it will not open it any more. Make sure of another way in
                first.
              </Callout>
            )}
            <ol className="list-decimal pl-5 text-muted">
              <li>Type its name below.</li>
              <li>Take it out and plug it in again when you are asked to.</li>
              <li>Touch it within 10 seconds.</li>
            </ol>
            <TextField
              label={`Type “${device.name}” to go on`}
              value={typed}
              onChange={setTyped}
              autoFocus
              spellCheck="false"
            />
            {work.error !== null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Keep it</Button>
          <Button type="submit" variant="danger" isDisabled={work.working || !matches}>
            Erase it
          </Button>
        </DialogFooter>
      </Form>
      {work.prompt?.ask === 'touch' && <Hurry since={work.prompt.since} />}
    </Dialog>
  );
}

function noteOf({ prompt }: KeyWork): { note?: string } {
  return prompt?.ask === 'replug' ? { note: 'Then you have 10 seconds to touch it.' } : {};
}

/** How long the touch still counts. */
function Hurry({ since }: { since: string }) {
  const now = useNow(250);
  const left = Math.max(0, Math.ceil((Date.parse(since) + RESET_WITHIN_MS - now) / 1000));
  return (
    <p className="border-t border-line px-5 py-2 text-center tabular-nums" aria-hidden="true">
      {left === 0 ? 'Too late for this time: it may have to be plugged in again.' : `Touch it within ${left} s`}
    </p>
  );
}
