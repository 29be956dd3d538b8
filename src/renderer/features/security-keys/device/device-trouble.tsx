import type { WireError } from '../../../../contract/errors.ts';
import type { SecurityKeyInfo } from '../../../../contract/mfa.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';

const TITLES: Partial<Record<WireError['code'], string>> = {
  DeviceBusy: 'Another program holds this key',
  DeviceDenied: 'Keyhold may not speak to this key',
  DeviceGone: 'The key was pulled out',
  DeviceFault: 'The key does not answer as it should',
  DeviceUnsupported: 'This key cannot do that',
  PinAuthBlocked: 'The key wants to be plugged in again',
  PinBlocked: 'The key’s PIN is blocked',
  TouchTimeout: 'The key was not touched in time',
  TouchRefused: 'The key said no',
  NoCredential: 'This key is not set up for it',
  HidUnavailable: 'Security keys cannot be reached',
  CredentialExcluded: 'This key is enrolled already',
};

/** What went wrong with a key, by its own name, and how to go on. */
export function KeyTrouble({ error, onRetry }: { error: WireError; onRetry?: () => void }) {
  const title = TITLES[error.code];
  return (
    <Callout
      tone={error.code === 'TouchTimeout' || error.code === 'DeviceGone' ? 'warning' : 'error'}
      live
      {...(title === undefined ? {} : { title })}
      {...(onRetry === undefined
        ? {}
        : {
            actions: (
              <Button size="compact" onPress={onRetry}>
                Try again
              </Button>
            ),
          })}
    >
      <p>{error.message}</p>
    </Callout>
  );
}

/** Why the key that is plugged in cannot be used as it is; null where it can. */
export function pinTrouble(info: SecurityKeyInfo | undefined): 'blocked' | 'replug' | null {
  if (info?.kind !== 'fido') return null;
  if (info.pin === 'blocked') return 'blocked';
  return info.pinNeedsReplug ? 'replug' : null;
}

export function PinTrouble({ trouble }: { trouble: 'blocked' | 'replug' }) {
  return trouble === 'blocked' ? (
    <Callout tone="error" title="The key’s PIN is blocked" live>
      It was wrong too often. The key takes no PIN until it is reset, which erases everything on it. Use another way in.
    </Callout>
  ) : (
    <Callout tone="warning" title="Take the key out and plug it in again" live>
      The PIN was wrong three times in a row. The key wants to be plugged in anew before it takes another.
    </Callout>
  );
}
