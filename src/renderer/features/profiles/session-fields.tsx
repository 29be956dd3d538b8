import type { TimedKind } from '../../../contract/roles.ts';
import type { Account } from '../../../contract/schemas.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import type { Form } from '../../lib/use-form.ts';
import { ComboField } from '../../ui/combo-field.tsx';
import { TextField } from '../../ui/field.tsx';
import { useOtpDevices } from '../authenticator/otp-queries.ts';
import { accountOfRole } from './chain-links.ts';
import { type ProfileValues, takesMfa, takesTags } from './profile-draft.ts';
import { limitWords, usualLasting } from './session-limits.ts';

const LASTING: Readonly<Record<TimedKind, readonly string[]>> = {
  'session-token': ['1 h', '4 h', '12 h', '36 h'],
  role: ['15 min', '1 h', '4 h', '12 h'],
  'chained-role': ['15 min', '30 min', '1 h'],
  saml: ['15 min', '1 h', '4 h', '12 h'],
  'web-identity': ['15 min', '1 h', '4 h', '12 h'],
  'roles-anywhere': ['15 min', '1 h', '4 h', '12 h'],
};

/** What AWS is asked for when a profile works with temporary credentials. */
export function SessionFields({
  form,
  kind,
  accounts,
}: {
  form: Form<ProfileValues>;
  kind: TimedKind;
  accounts: readonly Account[];
}) {
  const devices = useOtpDevices().data ?? [];
  const serials = devices.flatMap(({ mfaSerial }) => (mfaSerial === undefined ? [] : [mfaSerial]));
  const ofRole = kind !== 'session-token';
  return (
    <>
      {ofRole && (
        <TextField
          label="Role ARN"
          mono
          placeholder="arn:aws:iam::123456789012:role/deploy"
          hint={roleHint(form.values.arn, accounts)}
          {...form.field('arn')}
        />
      )}
      {!takesTags(kind) && ofRole ? null : takesMfa(kind) ? (
        <ComboField
          label="MFA device"
          optional
          suggestions={[...new Set(serials)]}
          hint={mfaHint(form.values.mfaSerial, devices)}
          {...form.field('mfaSerial')}
        />
      ) : (
        <p className="text-muted">
          MFA is asked for where the chain begins: the device belongs to the profile of the first role.
        </p>
      )}
      <ComboField
        label="Session lasts"
        optional
        placeholder={usualLasting(kind)}
        suggestions={LASTING[kind]}
        hint={limitWords(kind)}
        {...form.field('lasts')}
      />
      {ofRole && takesTags(kind) && (
        <>
          <TextField
            label="External id"
            optional
            mono
            hint="Where the role’s trust policy asks for one."
            {...form.field('externalId')}
          />
          <MoreFields form={form} />
        </>
      )}
    </>
  );
}

/** Seldom needed, and folded until it is: open where something is filled in or wrong. */
function MoreFields({ form }: { form: Form<ProfileValues> }) {
  const fields = ['sessionName', 'sourceIdentity', 'policy'] as const;
  const used = fields.some((field) => form.values[field] !== '' || form.field(field).error !== null);
  return (
    <details open={used} className="group">
      <summary className="w-fit rounded-control font-medium outline-none focus-visible:focus-ring">
        More about the session
      </summary>
      <div className="flex flex-col gap-4 pt-4">
        <TextField
          label="Session name"
          optional
          mono
          placeholder="keyhold-{profile}"
          hint="Seen in CloudTrail. {profile}, {client} and {time} are filled in."
          {...form.field('sessionName')}
        />
        <TextField label="Source identity" optional mono {...form.field('sourceIdentity')} />
        <TextField
          label="Session policy"
          optional
          mono
          multiline
          placeholder={'{ "Version": "2012-10-17", "Statement": […] }'}
          hint="Cuts down what the role may do; it never adds anything."
          {...form.field('policy')}
        />
      </div>
    </details>
  );
}

function roleHint(arn: string, accounts: readonly Account[]): string {
  const id = accountOfRole(arn);
  const account = accounts.find((one) => one.kind === 'remote' && one.accountId === id);
  return account === undefined ? 'Its account has to be in the vault.' : `A role of ${account.name}.`;
}

function mfaHint(serial: string, devices: readonly OtpDevice[]): string {
  if (serial === '') return 'Where AWS asks for MFA. The code comes from the authenticator, each one used once.';
  const device = devices.find((one) => one.mfaSerial === serial);
  return device === undefined
    ? 'No authenticator entry has this serial number: give it to the entry that makes the codes.'
    : `Codes come from ${device.name}, without being asked for.`;
}
