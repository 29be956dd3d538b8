import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components';
import { wipe } from '../../../client/import/credential-values.ts';
import type { SlotInfo } from '../../../contract/schemas.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { useGone } from '../../lib/use-gone.ts';
import { Button } from '../../ui/button.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { Refused } from '../hsm/users/refused.tsx';
import { makeRecoveryCode } from '../recovery/make-recovery-code.ts';
import { SecretPrompt } from '../settings/secret-prompt.tsx';
import { useProof } from '../settings/use-proof.ts';
import { codesToReplace, isCode, NOTHING_PROVED, type Proved, withDropped, withProof } from './rekey-plan.ts';

const CODE_CARDS = [
  { id: 'new', title: 'Make a new one', text: 'It is shown once, and takes the place of the one before.' },
  { id: 'keep', title: 'Keep the one there is', text: 'You type it in the next step.' },
];

/** The first way in is proved, and a new recovery code made with the same proof. */
export function ProveStep({
  slots,
  onProved,
  onWorking,
  onClose,
}: {
  slots: readonly SlotInfo[];
  onProved: (proved: Proved, newCode: string | null) => void;
  /** While this is so the dialog must stay: a code that nobody has seen would be left. */
  onWorking: (working: boolean) => void;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const { prompt, working, error, ask } = useProof();
  const [codes, setCodes] = useState('new');
  const [byCode, setByCode] = useState(false);
  const gone = useGone();
  const hasCode = slots.some(isCode);

  const told = useRef(onWorking);
  told.current = onWorking;
  useEffect(() => {
    told.current(working);
    return () => told.current(false);
  }, [working]);

  const prove = async () => {
    await ask(async (sealSecret) => {
      const proof = await callSealed('vault.proveWay', async (seal) => ({ secret: await sealSecret(seal) }));
      const proved = withProof(NOTHING_PROVED, proof);
      const replaced = hasCode && codes === 'new' ? codesToReplace(slots, proved) : [];
      if (replaced.length === 0) {
        onProved(proved, null);
        return;
      }
      const bytes = await makeRecoveryCode('Recovery code', sealSecret, gone);
      if (bytes === null) return;
      try {
        const second = await callSealed('vault.proveWay', async (seal) => ({
          secret: { factor: 'recovery-code' as const, sealed: await seal('recovery-code', bytes) },
        }));
        await refresh(queries, 'slots');
        const both = replaced.reduce((all, id) => withDropped(all, id, true), withProof(proved, second));
        onProved(both, new TextDecoder().decode(bytes));
      } finally {
        wipe(bytes);
      }
    });
  };

  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!working) void prove();
      }}
    >
      <DialogBody>
        <p className="text-muted">
          The vault gets a new root key, and everything in it is sealed anew while you work on. Whoever has a copy of
          the old key opens nothing that is written from then on.
        </p>
        <SecretPrompt
          handle={prompt}
          label="Password"
          autoFocus
          onFactor={(factor) => setByCode(factor === 'recovery-code')}
        />
        {hasCode && !byCode && (
          <RadioCards label="Recovery code" cards={CODE_CARDS} value={codes} onChange={setCodes} columns={2} />
        )}
        {error !== null && <Refused error={error} act={{ do: 'make-recovery-code' }} onAsked={onClose} />}
      </DialogBody>
      <DialogFooter>
        <Button onPress={onClose} isDisabled={working}>
          Cancel
        </Button>
        <Button type="submit" variant="primary" isDisabled={working}>
          {working ? 'Proving…' : 'Next'}
        </Button>
      </DialogFooter>
    </Form>
  );
}
