import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { Form } from 'react-aria-components';
import type { SecurityKey } from '../../../../contract/mfa.ts';
import { asWireError } from '../../../api/error.ts';
import { callSealed } from '../../../api/keyhold.ts';
import { refresh } from '../../../api/queries.ts';
import { listNames } from '../../../lib/format.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../../ui/dialog.tsx';
import { notify } from '../../../ui/toast-store.ts';
import { SecretPrompt, type SecretPromptHandle } from '../../settings/secret-prompt.tsx';
import { KeyTrouble } from '../device/device-trouble.tsx';
import { KEY_FORM, KeyWorkArea } from '../touch-panel.tsx';
import { useKeyWork } from '../use-key-work.ts';

/** Makes the vault forget a key. What is on the key stays there. */
export function RemoveKeyDialog({ securityKey, onClose }: { securityKey: SecurityKey; onClose: () => void }) {
  const queries = useQueryClient();
  const authorize = useRef<SecretPromptHandle>(null);
  const work = useKeyWork('authorize', 'gate');
  const { name, slots } = securityKey;
  const inUse = slots.length > 0;
  const remove = () =>
    work.run(async () => {
      try {
        const done = await authorize.current?.use((sealSecret) =>
          callSealed('mfa.removeKey', async (seal) => ({ name, authorize: await sealSecret(seal) })),
        );
        if (done === null || done === undefined) return;
        notify({ message: `The vault has forgotten ${name}.` });
        await refresh(queries, 'securityKeys');
        onClose();
      } catch (error) {
        if (asWireError(error).code !== 'WrongSecret') throw error;
        authorize.current?.refuse();
      }
    });
  return (
    <Dialog title={`Remove ${name}?`} role="alertdialog" width="small" isOpen onClose={onClose}>
      <Form
        className={KEY_FORM}
        onSubmit={(event) => {
          event.preventDefault();
          if (!work.working && !inUse) void remove();
        }}
      >
        <DialogBody>
          <KeyWorkArea work={work}>
            {inUse ? (
              <Callout tone="warning" title="It opens the vault">
                Remove {listNames(slots.map(({ label }) => `“${label}”`))} under Ways in, in the settings, first.
              </Callout>
            ) : (
              <p>
                What asks for a touch of this key by name cannot be used with it any more. The key itself keeps its PIN
                and everything on it.
              </p>
            )}
            {!inUse && <SecretPrompt handle={authorize} label="Password" autoFocus />}
            {work.error !== null && <KeyTrouble error={work.error} />}
          </KeyWorkArea>
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Keep it</Button>
          {!inUse && (
            <Button type="submit" variant="danger" isDisabled={work.working}>
              Remove it
            </Button>
          )}
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
