import { Form } from 'react-aria-components';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { callSealed } from '../../api/keyhold.ts';
import { plural } from '../../lib/format.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { SecretPrompt } from '../settings/secret-prompt.tsx';
import { useProof } from '../settings/use-proof.ts';
import { openWays, type Proved, withDropped, withProof } from './rekey-plan.ts';
import { WaysList } from './ways-list.tsx';

/** Every way in is proved or given up: the new root key can only be given to those that are there. */
export function WaysStep({
  slots,
  proved,
  onChange,
  onNext,
  onClose,
}: {
  slots: readonly SlotInfo[];
  proved: Proved;
  onChange: (proved: Proved) => void;
  onNext: () => void;
  onClose: () => void;
}) {
  const { prompt, working, error, ask } = useProof();
  const open = openWays(slots, proved);
  const prove = async () => {
    const proof = await ask((sealSecret) =>
      callSealed('vault.proveWay', async (seal) => ({ secret: await sealSecret(seal) })),
    );
    if (proof !== null) onChange(withProof(proved, proof));
  };
  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (working) return;
        if (open.length === 0) onNext();
        else void prove();
      }}
    >
      <DialogBody>
        <WaysList slots={slots} proved={proved} onDrop={(id, drop) => onChange(withDropped(proved, id, drop))} />
        {open.length > 0 && (
          <>
            <p className="text-muted">
              {plural(open.length, 'way')} in {open.length === 1 ? 'is' : 'are'} not proved yet. Prove{' '}
              {open.length === 1 ? 'it' : 'them one after the other'}, or give {open.length === 1 ? 'it' : 'them'} up.
            </p>
            <SecretPrompt key={proved.tickets.length} handle={prompt} label="Password" autoFocus />
          </>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={working} autoFocus={open.length === 0}>
          {open.length === 0 ? 'Next' : working ? 'Proving…' : 'Prove it'}
        </Button>
      </DialogFooter>
    </Form>
  );
}
