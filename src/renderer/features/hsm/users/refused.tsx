import type { WireError } from '../../../../contract/errors.ts';
import type { QuorumAct } from '../../../../contract/hsm-users.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../../ui/callout.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { callAsUser } from './hsm-login.ts';
import { useWork } from './use-work.ts';

const DAY_SECONDS = 86_400;

/** Why something was refused and, where a quorum is what is missing, the way to ask for it. */
export function Refused({ error, act, onAsked }: { error: WireError; act: QuorumAct; onAsked: () => void }) {
  const asking = useWork();
  if (error.code !== 'QuorumRequired') return <ErrorCallout error={error} />;
  const waits = error.details?.['token'] !== undefined;
  const ask = () =>
    asking.run(async () => {
      await callAsUser('hsm.quorumTokenCreate', async (session) => ({ session, act, expiresInSeconds: DAY_SECONDS }));
      notify({ message: 'The officers are asked. Once enough of them have approved, do it again.' });
      onAsked();
    });
  return (
    <Callout
      tone="warning"
      title={`${String(error.details?.['required'])} crypto officers have to approve this`}
      live
      actions={
        !waits && (
          <Button size="compact" isDisabled={asking.working} onPress={() => void ask()}>
            Ask them
          </Button>
        )
      }
    >
      {waits
        ? 'They are asked already: the token waits under Users for their approval.'
        : 'It can be done once, by whoever asks for it, within a day of their approval.'}
      {asking.error !== null && <ErrorCallout error={asking.error} />}
    </Callout>
  );
}
