import { Download } from 'lucide-react';
import { Form } from 'react-aria-components';
import type { Settings, Status } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { saveTextFile } from '../../lib/save-text-file.ts';
import { useForm } from '../../lib/use-form.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { TextField } from '../../ui/field.tsx';
import { Switch } from '../../ui/switch.tsx';
import { Setting, SettingGroup } from './setting.tsx';

function portError(value: string): string | null {
  const port = Number(value);
  return /^\d{1,5}$/.test(value) && port >= 1 && port <= 65535 ? null : 'A port is a number from 1 to 65535.';
}

/** Where tools reach Keyhold. */
export function DoorGroup({
  settings,
  status,
  onSave,
}: {
  settings: Settings;
  status: Status;
  onSave: (patch: Partial<Settings>) => void;
}) {
  const form = useForm({ port: String(settings.port) }, { port: portError });
  const ca = useChange('ca.export');
  return (
    <SettingGroup title="Front door">
      {status.doorError !== undefined && (
        <div className="p-4 pb-1">
          <Callout tone="error" title="The front door is closed">
            {status.doorError}
          </Callout>
        </div>
      )}
      <Setting
        title="Port"
        text="Tools reach Keyhold on 127.0.0.1 at this port. Set-up that names the old port stops working."
      >
        <Form
          className="flex items-start gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (form.validate()) onSave({ port: Number(form.values.port) });
          }}
        >
          <TextField label="Port" hideLabel inputMode="numeric" className="w-32" {...form.field('port')} />
          <Button type="submit" isDisabled={form.values.port === String(settings.port)}>
            Change
          </Button>
        </Form>
      </Setting>
      <Setting
        title="HTTPS too"
        text={
          status.httpsEndpoint === null ? (
            'For tools that refuse plain HTTP on the loopback address. They must trust the vault’s own certificate authority.'
          ) : (
            <>
              Open at <span className="mono">{status.httpsEndpoint}</span>. Tools must trust the certificate below.
            </>
          )
        }
      >
        <Switch label="HTTPS" hideLabel isSelected={settings.https} onChange={(https) => onSave({ https })} />
      </Setting>
      <Setting
        title="Certificate authority"
        text={
          <>
            Made for this vault alone. Give the file to a tool as <code>AWS_CA_BUNDLE</code>.
          </>
        }
      >
        <Button
          icon={<Download size={16} aria-hidden="true" />}
          isDisabled={ca.isPending}
          onPress={() => ca.mutate({}, { onSuccess: ({ pem }) => saveTextFile('keyhold-ca.pem', pem) })}
        >
          Save certificate
        </Button>
      </Setting>
      {ca.isError && (
        <div className="px-4 pb-4">
          <ErrorCallout error={asWireError(ca.error)} />
        </div>
      )}
    </SettingGroup>
  );
}
