import { useState } from 'react';
import { consoleMethods } from '../../../contract/console.ts';
import { type Profile, Region } from '../../../contract/schemas.ts';
import { useChange } from '../../api/queries.ts';
import { sentence } from '../../lib/format.ts';
import { parseLasting } from '../../lib/parse-lasting.ts';
import { COMMON_REGIONS } from '../../lib/regions.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { matches, useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout } from '../../ui/callout.tsx';
import { ComboField } from '../../ui/combo-field.tsx';
import { Dialog, DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { DialogForm } from '../../ui/dialog-form.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { CONSOLE_BROWSERS, launchOf } from './console-browser.ts';
import { CONSOLE_SERVICES, mayChooseLasting } from './leave-words.ts';

const Params = consoleMethods['console.open'].input;

function serviceError(value: string): string | null {
  const parsed = Params.shape.service.safeParse(value === '' ? undefined : value);
  return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'this is no service');
}

function lastsError(value: string): string | null {
  if (value === '') return null;
  const seconds = parseLasting(value);
  if (seconds === null) return 'Write it like 1 h, 90 min or 1 h 30 min.';
  const parsed = Params.shape.seconds.safeParse(seconds);
  return parsed.success ? null : sentence(parsed.error.issues[0]?.message ?? 'this is no length');
}

/** Signs a browser in to the console as a profile, apart from other profiles. */
export function ConsoleDialog({ profile, onClose }: { profile: Profile; onClose: () => void }) {
  const open = useChange('console.open', 'sessions');
  const [browser, setBrowser] = useState<string>('default');
  const form = useForm(
    { service: '', region: profile.region, container: profile.account, lasts: '' },
    {
      service: serviceError,
      region: matches(Region),
      lasts: lastsError,
      container: (value) => (browser === 'container' && value.trim() === '' ? 'Name the container.' : null),
    },
  );
  const start = () => {
    if (!form.validate()) return;
    const { service, region, container, lasts } = form.values;
    const seconds = lasts === '' ? null : parseLasting(lasts);
    open.mutate({
      profile: profile.name,
      region,
      ...(service === '' ? {} : { service }),
      ...(seconds === null ? {} : { seconds }),
      launch: launchOf(browser, container),
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
              Sign in from a terminal instead: keyhold console {shellQuote(profile.name)} --print
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
      <DialogForm
        send="Open the console"
        sending="Signing in…"
        isSending={open.isPending}
        error={open.error}
        onSend={start}
        onCancel={onClose}
      >
        <ComboField
          label="Service"
          optional
          suggestions={CONSOLE_SERVICES}
          placeholder="s3"
          hint="Where to begin; without one, the console’s start page."
          {...form.field('service')}
        />
        <ComboField label="Region" suggestions={COMMON_REGIONS} {...form.field('region')} />
        {mayChooseLasting(profile) && (
          <ComboField
            label="Signed in for"
            optional
            suggestions={['15 min', '1 h', '4 h', '12 h']}
            placeholder="1 h"
            hint={profile.session === undefined ? '12 h at most.' : '12 h at most, or what the role itself allows.'}
            {...form.field('lasts')}
          />
        )}
        <Select
          label="Browser"
          choices={CONSOLE_BROWSERS}
          value={browser}
          onChange={setBrowser}
          hint="With a place of its own for this profile, so that several can be signed in at once."
        />
        {browser === 'container' && (
          <TextField label="Container" hint="Wants the add-on “Open URL in Container”." {...form.field('container')} />
        )}
      </DialogForm>
    </Dialog>
  );
}
