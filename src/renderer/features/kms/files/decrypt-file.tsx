import { Form } from 'react-aria-components';
import { RESERVED_CONTEXT } from '../../../../contract/files.ts';
import { useAccounts } from '../../../api/queries.ts';
import { useStore } from '../../../lib/store.ts';
import { Button } from '../../../ui/button.tsx';
import { Callout } from '../../../ui/callout.tsx';
import { Fact, Facts } from '../../../ui/facts.tsx';
import { RecordLink } from '../../shell/record-link.tsx';
import { ContextRows, contextOf } from '../context-rows.tsx';
import { keyTitle } from '../key-words.ts';
import type { Place } from '../kms.ts';
import { useAllKmsKeys } from '../kms-queries.ts';
import { accountOfArn } from './account-of-arn.ts';
import { fileStore, patchFile, runFile } from './file-store.ts';
import type { FileKind } from './read-message-header.ts';

/** What an encrypted file says of itself, and the way to its plaintext. */
export function DecryptFile({ file, kind, place }: { file: File; kind: FileKind; place: Place }) {
  const draft = useStore(fileStore);
  const accountId = useAccounts().data?.find((account) => account.name === place.account)?.accountId;
  if (kind.kind !== 'message') {
    return (
      <Callout
        tone="warning"
        live
        title={kind.kind === 'other' ? 'This is no encrypted file' : 'This file has no key commitment'}
      >
        {kind.kind === 'other'
          ? `${file.name} does not begin as a message of the AWS Encryption SDK does. Ciphertexts of the KMS itself are decrypted above.`
          : `${file.name} was made without key commitment (version 1 of the format), and could read differently under different keys. Keyhold does not open such files; AWS’s own command line can.`}
      </Callout>
    );
  }
  const context = Object.entries(kind.context).filter(([name]) => !name.startsWith(RESERVED_CONTEXT));
  const here = kind.keys.some((arn) => accountOfArn(arn) === accountId);
  return (
    <Form
      className="flex min-w-0 flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void runFile(file, { direction: 'decrypt', ...place, context: contextOf(draft.decryptContext) });
      }}
    >
      <Facts>
        <Fact name="Opened by">
          <ul className="flex min-w-0 flex-col gap-1">
            {kind.keys.map((arn) => (
              <li key={arn}>
                <KeyOfFile arn={arn} />
              </li>
            ))}
            {kind.keys.length === 0 && <li>no KMS key</li>}
          </ul>
        </Fact>
        <Fact name="Context">
          {context.length === 0 ? (
            <span className="text-muted">none</span>
          ) : (
            <ul className="mono flex min-w-0 flex-col gap-1 break-all">
              {context.map(([name, value]) => (
                <li key={name}>{`${name} = ${value}`}</li>
              ))}
            </ul>
          )}
        </Fact>
      </Facts>
      <p className="text-muted">So says the file. Whether it is true is checked before anything is saved.</p>
      {here ? (
        <>
          <ContextRows
            label="Only if its context has"
            rows={draft.decryptContext}
            onChange={(decryptContext) => patchFile({ decryptContext })}
          />
          <div>
            <Button type="submit" variant="primary">
              Decrypt and save…
            </Button>
          </div>
        </>
      ) : (
        <Callout tone="warning" title={`None of its keys is in ${place.account}`}>
          Choose the account that has one of them, at the top of this screen.
        </Callout>
      )}
    </Form>
  );
}

/** A key by the name that it has here, else by what the file calls it. */
function KeyOfFile({ arn }: { arn: string }) {
  const key = useAllKmsKeys().data?.find((one) => one.arn === arn);
  if (key === undefined) return <span className="mono break-all">{arn}</span>;
  return (
    <RecordLink screen="kms" id={key.id}>
      {keyTitle(key)}
    </RecordLink>
  );
}
