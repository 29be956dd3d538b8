import type { SecurityKey } from '../../../../contract/mfa.ts';
import { Button } from '../../../ui/button.tsx';
import { RadioCards } from '../../../ui/radio-cards.tsx';
import { Segments } from '../../../ui/segments.tsx';
import { openDialog } from '../../dialogs/dialog-store.ts';

export type Source = { kind: 'fido2'; name: string } | { kind: 'yubikey-hmac-sha1'; otpSlot: 1 | 2 } | null;

const YUBIKEY = 'yubikey';
const OTP_SLOTS = [
  { id: '1', label: 'Slot 1' },
  { id: '2', label: 'Slot 2' },
] as const;

/** Which key is to open the vault. */
export function SlotSource({
  keys,
  value,
  onChange,
}: {
  keys: readonly SecurityKey[];
  value: Source;
  onChange: (source: Source) => void;
}) {
  return (
    <>
      <RadioCards
        label="Security key"
        cards={[
          ...keys.map((key) => ({
            id: `key:${key.name}`,
            title: key.name,
            note: key.model,
            text: key.userVerification ? 'Asks for its PIN or fingerprint' : 'Only has to be touched',
          })),
          {
            id: YUBIKEY,
            title: 'Challenge-response of a YubiKey',
            text: 'A slot that holds an HMAC-SHA1 secret, as KeePassXC uses it. OnlyKey has the same.',
          },
        ]}
        value={value === null ? null : value.kind === 'fido2' ? `key:${value.name}` : YUBIKEY}
        onChange={(id) =>
          onChange(
            id === YUBIKEY
              ? { kind: 'yubikey-hmac-sha1', otpSlot: 2 }
              : { kind: 'fido2', name: id.slice('key:'.length) },
          )
        }
      />
      {keys.length === 0 && (
        <p className="text-muted">
          A FIDO2 key has to be enrolled first.{' '}
          <Button variant="ghost" size="compact" onPress={() => openDialog({ kind: 'mfa.enroll' })}>
            Enrol a key
          </Button>
        </p>
      )}
      {value?.kind === 'yubikey-hmac-sha1' && (
        <div className="flex flex-wrap items-center gap-3">
          <Segments
            label="Slot of the YubiKey"
            choices={OTP_SLOTS}
            value={value.otpSlot === 1 ? '1' : '2'}
            onChange={(slot) => onChange({ kind: value.kind, otpSlot: slot === '1' ? 1 : 2 })}
          />
          <span className="text-muted">Slot 2, a long touch, is what most people use for it.</span>
        </div>
      )}
    </>
  );
}
