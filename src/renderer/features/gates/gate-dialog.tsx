import { useQueryClient } from '@tanstack/react-query';
import type { Seal } from '../../../client/client.ts';
import type { GateTarget } from '../../../contract/gates.ts';
import type { Params } from '../../../contract/methods.ts';
import type { Gate } from '../../../contract/schemas.ts';
import { callSealed } from '../../api/keyhold.ts';
import { TouchDialog } from './touch-dialog.tsx';

/** The lists that show gates. */
const SHOWN_IN = ['keys', 'profiles', 'clients', 'kms'] as const;

/** Sets, changes or takes away a gate. What is loosened wants a touch itself, or the recovery code where the key is lost. */
export function GateDialog({
  target,
  title,
  gate,
  onClose,
}: {
  target: GateTarget;
  title: string;
  gate: Gate | undefined;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const save = async (wanted: Gate | null, code: Uint8Array | null) => {
    const proof = async (seal: Seal): Promise<Pick<Params<'gate.remove'>, 'authorize'>> =>
      code === null ? {} : { authorize: { factor: 'recovery-code', sealed: await seal('recovery-code', code) } };
    if (wanted === null) await callSealed('gate.remove', async (seal) => ({ target, ...(await proof(seal)) }));
    else await callSealed('gate.set', async (seal) => ({ target, ...wanted, ...(await proof(seal)) }));
    await Promise.all(SHOWN_IN.map((list) => queries.invalidateQueries({ queryKey: [list] })));
  };
  return (
    <TouchDialog title={title} gate={gate} without="Policies alone decide." byCode onSave={save} onClose={onClose} />
  );
}
