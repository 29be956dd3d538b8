import { useEffect, useRef, useState } from 'react';
import type { Status } from '../../../contract/schemas.ts';
import { connectionStore } from '../../api/live.ts';
import { useStore } from '../../lib/store.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { Segments } from '../../ui/segments.tsx';
import { Gate } from '../shell/gate.tsx';
import { KeyUnlock } from './key-unlock.tsx';
import { describeLock } from './lock-reason.ts';
import { TypedUnlock } from './typed-unlock.tsx';
import { useCountdown } from './use-countdown.ts';
import { useWays } from './use-ways.ts';
import { kindOfWay, kindsOfWays, type WayKind } from './ways.ts';

const LABELS: Readonly<Record<WayKind, string>> = {
  password: 'Password',
  'password-key': 'Password and key',
  key: 'Security key',
  'recovery-code': 'Recovery code',
};

/** The way into a locked vault. */
export function Unlock({ status }: { status: Status }) {
  const isDown = useStore(connectionStore) === 'down';
  // Until it is known what opens this vault, there is the password: nobody waits for that answer.
  const ways = useWays().data ?? [];
  const kinds = kindsOfWays(ways);
  const usual = kinds.filter((kind) => kind !== 'recovery-code');
  const [chosen, setChosen] = useState<WayKind | null>(null);
  const [working, setWorking] = useState(false);
  const [left, wait] = useCountdown();
  const waitNow = useRef(wait);
  waitNow.current = wait;
  const kind = chosen !== null && kinds.includes(chosen) ? chosen : (kinds[0] ?? 'password');
  const form = { left, wait, isDown, onWorking: setWorking };

  useEffect(() => {
    if (status.retryAfterSeconds !== undefined && status.retryAfterSeconds > 0)
      waitNow.current(status.retryAfterSeconds);
  }, [status.retryAfterSeconds]);

  return (
    <Gate title="Unlock your vault" lead={describeLock(status.lockReason)}>
      {status.lockReason === 'hsm-crashed' && (
        <Callout tone="warning" title="The HSM process ended">
          Keys are only ever open inside that process, so they are closed now. If this happens again, the daemon log in{' '}
          <code className="break-all">{status.home}</code> says why.
        </Callout>
      )}
      {status.lockDetail !== undefined && (
        <Callout tone="error" title="The vault does not verify">
          <p className="break-words">{status.lockDetail}</p>
        </Callout>
      )}
      {usual.length > 1 && kind !== 'recovery-code' && (
        <Segments
          label="Unlock with"
          choices={usual.map((one) => ({ id: one, label: LABELS[one] }))}
          value={kind}
          onChange={setChosen}
        />
      )}
      {kind === 'password' || kind === 'recovery-code' ? (
        <TypedUnlock key={kind} factor={kind} {...form} />
      ) : (
        <KeyUnlock
          key={kind}
          ways={ways.filter((way) => kindOfWay(way) === kind)}
          withPassword={kind === 'password-key'}
          {...form}
        />
      )}
      {usual.length > 0 && kinds.includes('recovery-code') && (
        <Button
          variant="ghost"
          className="-ml-3 self-start"
          isDisabled={working}
          onPress={() => setChosen(kind === 'recovery-code' ? (usual[0] ?? null) : 'recovery-code')}
        >
          {kind !== 'recovery-code'
            ? 'Use the recovery code instead'
            : usual[0] === 'password'
              ? 'Use the password instead'
              : 'Use the security key instead'}
        </Button>
      )}
    </Gate>
  );
}
