import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { generatePin } from '../../../client/generate-pin.ts';
import { wipe } from '../../../client/import/credential-values.ts';
import type { Token } from '../../../contract/tokens.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { Checkbox } from '../../ui/checkbox.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { RadioCards } from '../../ui/radio-cards.tsx';
import { SecretField, type SecretHandle } from '../../ui/secret-field.tsx';
import { notify } from '../../ui/toast-store.ts';
import { pinTryIsLast } from './token-words.ts';

/** `change`: the token gets another PIN. `enter`: the vault is told the one that it has. */
export type PinDeed = 'change' | 'enter';

const DEEDS = {
  change: { title: 'Change the PIN of', send: 'Change the PIN', sending: 'Changing it…', method: 'token.rotatePin' },
  enter: { title: 'The PIN of', send: 'Keep this PIN', sending: 'Logging in…', method: 'token.setPin' },
} as const;

/** A PIN goes sealed to the HSM process, and from there to the token’s own process. */
export function PinDialog({ token, deed, onClose }: { token: Token; deed: PinDeed; onClose: () => void }) {
  const queries = useQueryClient();
  const pin = useRef<SecretHandle>(null);
  const again = useRef<SecretHandle>(null);
  const [source, setSource] = useState<'typed' | 'random'>('typed');
  const [fault, setFault] = useState<{ field: 'pin' | 'again'; text: string } | null>(null);
  const [finalTry, setFinalTry] = useState(false);
  const [isLast, setIsLast] = useState(pinTryIsLast(token));
  const [working, setWorking] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const { title, send, sending, method } = DEEDS[deed];
  const isRandom = deed === 'change' && source === 'random';

  const findFault = (): typeof fault => {
    if (isRandom) return null;
    if (pin.current?.isEmpty() !== false) return { field: 'pin', text: 'Type the PIN.' };
    if (deed === 'enter' || pin.current.equals(again.current)) return null;
    return { field: 'again', text: 'These are not the same.' };
  };
  const save = async () => {
    const found = findFault();
    setFault(found);
    if (found !== null) {
      (found.field === 'pin' ? pin : again).current?.focus();
      return;
    }
    const bytes = isRandom ? generatePin(randomByte) : (pin.current?.bytes() ?? new Uint8Array());
    setWorking(true);
    setError(null);
    try {
      await callSealed(method, async (seal) => ({
        name: token.name,
        pin: await seal('token-pin', bytes),
        ...(finalTry ? { finalTry } : {}),
      }));
      pin.current?.clear();
      again.current?.clear();
      notify({
        message:
          deed === 'change'
            ? `${token.name} has its new PIN, and so has the vault.`
            : `The vault has the PIN of ${token.name}, and the token takes it.`,
      });
      onClose();
    } catch (caught) {
      setIsLast((before) => before || asWireError(caught).code === 'TokenPinRefused');
      setError(caught instanceof Error ? caught : null);
    } finally {
      wipe(bytes);
      await refresh(queries, 'tokens');
      setWorking(false);
    }
  };
  return (
    <Dialog title={`${title} ${token.name}`} width="small" isOpen onClose={onClose}>
      <DialogForm
        send={send}
        sending={sending}
        isSending={working}
        error={error}
        onSend={() => void save()}
        onCancel={onClose}
      >
        {deed === 'change' ? (
          <p>
            The token gets another PIN, and the vault keeps it. Whatever is interrupted, the vault has the one that the
            token has.
          </p>
        ) : (
          <p>
            The vault logs in with it once, and then keeps it instead of the one before. The token’s own PIN stays as it
            is.
          </p>
        )}
        {deed === 'change' && (
          <RadioCards
            label="Which PIN"
            hideLabel
            cards={[
              { id: 'typed', title: 'One that I type' },
              {
                id: 'random',
                title: 'A random one that nobody sees',
                text: 'Whoever needs the token without this vault has its security officer set another.',
              },
            ]}
            value={source}
            onChange={(id) => setSource(id === 'random' ? 'random' : 'typed')}
          />
        )}
        {!isRandom && (
          <SecretField
            label={deed === 'change' ? 'New PIN' : `PIN of the token ${token.label}`}
            handle={pin}
            autoFocus
            error={fault?.field === 'pin' ? fault.text : null}
            onEdit={() => setFault(null)}
          />
        )}
        {deed === 'change' && !isRandom && (
          <SecretField
            label="The same again"
            handle={again}
            error={fault?.field === 'again' ? fault.text : null}
            onEdit={() => setFault(null)}
          />
        )}
        {isLast && (
          <Checkbox isSelected={finalTry} onChange={setFinalTry}>
            Try it even if one more wrong PIN locks the token
          </Checkbox>
        )}
      </DialogForm>
    </Dialog>
  );
}

function randomByte(): number {
  return crypto.getRandomValues(new Uint8Array(1))[0] ?? 0;
}
