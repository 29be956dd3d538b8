import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import { asWireError } from '../../api/error.ts';
import { refresh, useClients } from '../../api/queries.ts';
import { plural } from '../../lib/format.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { CopySecretButton } from '../../ui/copy-secret.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { Select } from '../../ui/select.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { type RotatedClient, rotateClient } from './rotate-client.ts';

const OVERLAPS = [
  { id: '0', label: 'None', note: 'it ends at once' },
  { id: '3600', label: '1 hour' },
  { id: '86400', label: '24 hours', note: 'usual' },
  { id: '604800', label: '7 days' },
  { id: '2592000', label: '30 days' },
];

/** New keys for tools; each secret is shown once. What was made before one fails stays on the page. */
export function RotateClientsDialog({ names, onClose }: { names?: readonly string[]; onClose: () => void }) {
  const queries = useQueryClient();
  const tools = (useClients().data ?? []).filter((one) => one.purpose === 'tool' && !one.expired);
  const offered = names === undefined ? tools : tools.filter((one) => names.includes(one.name));
  const [on, setOn] = useState<ReadonlySet<string>>(new Set(names ?? []));
  const [overlap, setOverlap] = useState('86400');
  const [working, setWorking] = useState(false);
  const [made, setMade] = useState<readonly RotatedClient[]>([]);
  const [error, setError] = useState<WireError | null>(null);
  const chosen = offered.filter(({ name }) => on.has(name)).map(({ name }) => name);
  const single = names?.length === 1 ? names[0] : undefined;

  const rotate = async () => {
    setWorking(true);
    setError(null);
    try {
      for (const name of chosen) {
        const one = await rotateClient(name, Number(overlap));
        setMade((before) => [...before, one]);
      }
    } catch (caught) {
      setError(asWireError(caught));
    } finally {
      setWorking(false);
      await refresh(queries, 'clients');
    }
  };

  if (made.length > 0) {
    return (
      <Dialog
        title={plural(made.length, 'new client key')}
        width="large"
        isOpen
        onClose={onClose}
        isDismissable={false}
      >
        <DialogBody>
          <Callout
            tone="warning"
            title={made.length === 1 ? 'The secret is shown this once' : 'Each secret is shown this once'}
          >
            Put each where the key before it is. It is worth nothing anywhere but at this Keyhold.
          </Callout>
          {made.map((one) => (
            <section
              key={one.accessKeyId}
              aria-label={one.name}
              className="flex flex-col gap-2 border-t border-line pt-3"
            >
              <h3 className="font-semibold">{one.name}</h3>
              <Facts>
                <Fact name="Client key id">
                  <code>{one.accessKeyId}</code>
                  <CopyButton text={one.accessKeyId} label={`Copy the client key id of ${one.name}`} />
                </Fact>
                <Fact name="Secret">
                  <code className="break-all">{one.secret}</code>
                  <CopySecretButton text={one.secret} label="Copy secret" size="compact" />
                </Fact>
                <Fact name="The key before">
                  {one.previous === null ? (
                    'Ended'
                  ) : (
                    <span>
                      works on, ends <RelativeTime instant={one.previous.expiresAt} />
                    </span>
                  )}
                </Fact>
              </Facts>
            </section>
          ))}
          {error !== null && <ErrorCallout title="The others keep their keys" error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" autoFocus isDisabled={working} onPress={onClose}>
            {working ? 'Making the others…' : made.length === 1 ? 'I have copied it' : 'I have copied them'}
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }

  return (
    <Dialog
      title={single === undefined ? 'New client keys' : `New key for ${single}`}
      isOpen
      onClose={onClose}
      // A secret that is on its way is shown once: nobody would have seen it.
      isDismissable={!working}
    >
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!working && chosen.length > 0) void rotate();
        }}
      >
        <DialogBody>
          {single === undefined && (
            <fieldset className="flex flex-col gap-1">
              <legend className="pb-1 font-medium">Tools</legend>
              <div className="flex min-h-8 items-center">
                <Checkbox
                  isSelected={chosen.length === offered.length}
                  onChange={(all) => setOn(new Set(all ? offered.map(({ name }) => name) : []))}
                >
                  All {offered.length}
                </Checkbox>
              </div>
              {offered.map((one) => (
                <div key={one.id} className="flex min-h-8 items-center">
                  <Checkbox
                    isSelected={on.has(one.name)}
                    onChange={(ticked) => setOn(withMember(on, one.name, ticked))}
                  >
                    <span className="font-medium">{one.name}</span>{' '}
                    <span className="text-muted">signs as {one.profile}</span>
                  </Checkbox>
                </div>
              ))}
            </fieldset>
          )}
          <Select
            label="The key before works for"
            choices={OVERLAPS}
            value={overlap}
            onChange={setOverlap}
            hint="Time to put the new key in its place. Until then both work."
          />
          {error !== null && <ErrorCallout error={error} />}
        </DialogBody>
        <DialogFooter>
          <Button isDisabled={working} onPress={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="primary" isDisabled={working || chosen.length === 0}>
            {working ? 'Making…' : chosen.length === 0 ? 'Make new keys' : `Make ${plural(chosen.length, 'new key')}`}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
