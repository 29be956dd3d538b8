import { useQueryClient } from '@tanstack/react-query';
import { FileUp } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { DropZone, FileTrigger, Form, isFileDropItem, Text } from 'react-aria-components';
import type { WireError } from '../../../contract/errors.ts';
import { KeyholdError } from '../../../contract/errors.ts';
import { Name } from '../../../contract/schemas.ts';
import { asWireError } from '../../api/error.ts';
import { callSealed } from '../../api/keyhold.ts';
import { refresh } from '../../api/queries.ts';
import { plural, sentence, shortKeyId } from '../../lib/format.ts';
import { useGone } from '../../lib/use-gone.ts';
import { withMember } from '../../lib/with-member.ts';
import { Button } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { Checkbox } from '../../ui/checkbox.tsx';
import { DialogBody, DialogFooter } from '../../ui/dialog.tsx';
import { notify } from '../../ui/toast-store.ts';
import { AccountChoice, type AccountChoiceProps } from './account-choice.tsx';
import { type FoundFile, type FoundKey, readKeyFile, wipeFoundKeys } from './found-keys.ts';
import { keyFormFor } from './key-facts.ts';

const MAX_FILE_BYTES = 1024 * 1024;

/** Keys from the IAM console's CSV or an AWS credentials file. Shows what it found before anything is stored. */
export function ImportKeyFile({
  onType,
  onClose,
  ...choice
}: AccountChoiceProps & { onType: () => void; onClose: () => void }) {
  const queries = useQueryClient();
  const [found, setFound] = useState<(FoundFile & { fileName: string }) | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<FoundKey>>(new Set());
  const [accountError, setAccountError] = useState<string | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  const [working, setWorking] = useState(false);
  const held = useRef<readonly FoundKey[]>([]);
  const gone = useGone();
  // What is being sealed is wiped after that: until then a wiped secret would be stored.
  const sealing = useRef(false);
  useEffect(
    () => () => {
      if (!sealing.current) wipeFoundKeys(held.current);
    },
    [],
  );

  const read = async (file: File) => {
    setError(null);
    wipeFoundKeys(held.current);
    if (file.size > MAX_FILE_BYTES) {
      setError({
        code: 'InvalidInput',
        message: `${file.name} is larger than 1 MiB, so it is not a file of access keys.`,
      });
      return;
    }
    // The account may still be changed: what does not fit it is refused when it is stored.
    const stores = choice.accounts.some((one) => keyFormFor(one) === 'compatible');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const result = readKeyFile(file.name, bytes, stores ? 'compatible' : 'aws');
    held.current = result.keys;
    setFound({ ...result, fileName: file.name });
    setChosen(new Set(result.keys));
    const accountId = result.keys[0]?.accountId;
    const known = choice.accounts.find((account) => account.accountId === accountId);
    if (known !== undefined) choice.onAccount(known.name);
  };

  const save = async () => {
    const account = choice.account;
    setAccountError(account === null ? 'Choose the account that the keys belong to.' : null);
    if (account === null || found === null) return;
    setWorking(true);
    setError(null);
    const keys = found.keys.filter((key) => chosen.has(key));
    let stored = 0;
    sealing.current = true;
    try {
      for (const key of keys) {
        if (gone.current) break;
        const name = Name.safeParse(key.name);
        if (!name.success)
          throw new KeyholdError(
            'InvalidInput',
            `“${key.name}” cannot be a name: ${sentence(name.error.issues[0]?.message ?? '')}`,
          );
        await callSealed('key.import', async (seal) => ({
          name: name.data,
          account,
          accessKeyId: key.accessKeyId,
          secretAccessKey: await seal('secret-access-key', key.secretAccessKey),
          ...(key.sessionToken === undefined ? {} : { sessionToken: await seal('session-token', key.sessionToken) }),
          source: key.source,
        }));
        stored += 1;
        setChosen((current) => new Set([...current].filter((one) => one !== key)));
      }
      const rest = keys.length - stored;
      notify({
        message: `${plural(stored, 'access key')} from ${found.fileName} in the vault${rest === 0 ? '' : `, ${rest} not, as the dialog was closed`}. The file itself is untouched.`,
      });
      if (!gone.current) onClose();
    } catch (caught) {
      const wire = asWireError(caught);
      const message = stored === 0 ? wire.message : `${plural(stored, 'key')} stored, then: ${wire.message}`;
      if (gone.current) notify({ message, tone: 'error' });
      else setError({ ...wire, message });
    } finally {
      sealing.current = false;
      if (gone.current) wipeFoundKeys(held.current);
      await refresh(queries, 'keys');
      setWorking(false);
    }
  };

  return (
    <Form
      className="flex min-h-0 flex-col"
      onSubmit={(event) => {
        event.preventDefault();
        if (!working) void save();
      }}
    >
      <DialogBody>
        <DropZone
          getDropOperation={() => 'copy'}
          onDrop={(event) => {
            const item = event.items.find(isFileDropItem);
            if (item !== undefined) void item.getFile().then(read);
          }}
          className="flex flex-col items-center gap-3 rounded-panel border border-dashed border-control px-6 py-6 text-center data-drop-target:border-accent data-drop-target:bg-accent-soft"
        >
          <FileUp size={16} aria-hidden="true" className="text-muted" />
          <Text slot="label">
            {found === null
              ? 'Drop accessKeys.csv or an AWS credentials file'
              : `Read ${found.fileName}. Drop another to replace it.`}
          </Text>
          <FileTrigger
            onSelect={(files) => {
              const file = files?.[0];
              if (file !== undefined) void read(file);
            }}
          >
            <Button size="compact">Choose a file…</Button>
          </FileTrigger>
        </DropZone>
        {found !== null && found.keys.length === 0 && (
          <Callout tone="error" live title={`No access key in ${found.fileName}`}>
            {found.remarks.length === 0 ? 'Choose the CSV of the IAM console or a credentials file.' : null}
          </Callout>
        )}
        {found !== null && found.keys.length > 0 && (
          <>
            <AccountChoice {...choice} error={accountError} />
            <fieldset className="flex flex-col gap-1">
              <legend className="pb-1 font-medium">Found {plural(found.keys.length, 'key')}</legend>
              {found.keys.map((key) => (
                <Checkbox
                  key={key.accessKeyId}
                  isSelected={chosen.has(key)}
                  onChange={(on) => setChosen((current) => withMember(current, key, on))}
                >
                  <span className="flex flex-wrap gap-x-2">
                    <span className="font-medium">{key.name}</span>
                    <span className="mono text-muted">{shortKeyId(key.accessKeyId)}</span>
                    {key.accountId !== null && (
                      <span className="text-muted">seems to be of account {key.accountId}</span>
                    )}
                  </span>
                </Checkbox>
              ))}
            </fieldset>
          </>
        )}
        {found !== null && found.remarks.length > 0 && (
          <Callout tone="warning" title="Left behind">
            <ul>
              {found.remarks.map((remark) => (
                <li key={remark}>{remark}</li>
              ))}
            </ul>
          </Callout>
        )}
        {error !== null && <ErrorCallout error={error} />}
      </DialogBody>
      <DialogFooter>
        <Button variant="ghost" className="mr-auto -ml-3" onPress={onType}>
          Type it instead
        </Button>
        <Button onPress={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" isDisabled={working || chosen.size === 0}>
          {working ? 'Adding…' : chosen.size === 0 ? 'Add access keys' : `Add ${plural(chosen.size, 'access key')}`}
        </Button>
      </DialogFooter>
    </Form>
  );
}
