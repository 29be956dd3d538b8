import { useState } from 'react';
import { Form } from 'react-aria-components';
import { type ConsoleBrowser, consoleMethods } from '../../../contract/console.ts';
import { type Profile, Region } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { sentence } from '../../lib/format.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { CONSOLE_SERVICES } from './leave-words.ts';

const BROWSERS: readonly { id: ConsoleBrowser | 'container'; label: string; note?: string }[] = [
  { id: 'default', label: 'The first that is there', note: 'usual' },
  { id: 'chrome', label: 'Chrome' },
  { id: 'chromium', label: 'Chromium' },
  { id: 'edge', label: 'Edge' },
  { id: 'brave', label: 'Brave' },
  { id: 'firefox', label: 'Firefox' },
  { id: 'container', label: 'Firefox, in a container' },
];

const Params = consoleMethods['console.open'].input;

function serviceError(value: string): string | null {
  const parsed = Params.shape.service.safeParse(value === '' ? undefined : value);
  return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'this is no service');
}

/** Signs a browser in to the console as a profile, apart from other profiles. */
export function ConsoleDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const open = useChange('console.open', 'sessions');
  const [browser, setBrowser] = useState<string>('default');
  const form = useForm(
    { service: '', region: profile.region, container: profile.account },
    {
      service: serviceError,
      region: matches(Region),
      container: (value) => (browser === 'container' && value.trim() === '' ? 'Name the container.' : null),
    },
  );
  const start = () => {
    if (!form.validate()) return;
    const { service, region, container } = form.values;
    const chosen = BROWSERS.find(({ id }) => id === browser)?.id ?? 'default';
    open.mutate({
      profile: profile.name,
      region,
      ...(service === '' ? {} : { service }),
      launch: chosen === 'container' ? { container: container.trim() } : { browser: chosen },
    });
  };
  const done = open.data;
  if (done !== undefined) {
    return (
      <Dialog title={`Console of ${profile.name}`} isOpen onClose={onClose}>
        <DialogBody>
          {done.opened ? (
            <p>
              {done.browser ?? 'A browser'} is signed in{' '}
              {done.kind === 'federation' ? 'as a federated user with what the profile’s user may do' : 'as the role'}.
              The session ends <RelativeTime instant={done.expiresAt} />.
            </p>
          ) : (
            <Callout tone="warning" title="No browser could be opened">
              Sign in from a terminal instead: keyhold console {profile.name} --print
            </Callout>
          )}
        </DialogBody>
        <DialogFooter>
          <Button variant="primary" autoFocus key="done" onPress={onClose}>
            Done
          </Button>
        </DialogFooter>
      </Dialog>
    );
  }
  return (
    <Dialog title={`AWS console as ${profile.name}`} isOpen onClose={onClose}>
      <Form
        className="flex min-h-0 flex-col"
        onSubmit={(event) => {
          event.preventDefault();
          if (!open.isPending) start();
        }}
      >
        <DialogBody>
          <ComboField
            label="Service"
            optional
            suggestions={CONSOLE_SERVICES}
            placeholder="s3"
            hint="Where to begin; without one, the console’s start page."
            {...form.field('service')}
          />
          <ComboField label="Region" suggestions={COMMON_REGIONS} {...form.field('region')} />
          <Select
            label="Browser"
            choices={BROWSERS}
            value={browser}
            onChange={setBrowser}
            hint="With a place of its own for this profile, so that several can be signed in at once."
          />
          {browser === 'container' && (
            <TextField
              label="Container"
              hint="Wants the add-on “Open URL in Container”."
              {...form.field('container')}
            />
          )}
          {open.isError && <ErrorCallout error={asWireError(open.error)} />}
        </DialogBody>
        <DialogFooter>
          <Button onPress={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" isDisabled={open.isPending}>
            {open.isPending ? 'Signing in…' : 'Open the console'}
          </Button>
        </DialogFooter>
      </Form>
    </Dialog>
  );
}
