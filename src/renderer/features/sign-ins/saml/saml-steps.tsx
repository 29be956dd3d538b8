import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Form } from 'react-aria-components';
import { samlFieldOf } from '../../../../client/saml-field.ts';
import type { SignInAttempt } from '../../../../contract/sign-ins.ts';
import { asWireError } from '../../../api/error.ts';
import { refresh, useChange } from '../../../api/queries.ts';
import { plural } from '../../../lib/format.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorCallout } from '../../../ui/callout.tsx';
import { TextField } from '../../../ui/field.tsx';
import { notify } from '../../../ui/toast-store.ts';

/** In the app, a window catches what the identity provider sends to AWS. Elsewhere a person takes it out of the browser’s tools. */
export function SamlSteps({ attempt }: { attempt: SignInAttempt }) {
  const queries = useQueryClient();
  const deliver = useChange('saml.deliver', 'sessions');
  const [text, setText] = useState('');
  const [isEmpty, setIsEmpty] = useState(false);
  if (attempt.flow === 'browser') {
    return <p>Sign in in the window that Keyhold has opened. It closes by itself once you have chosen AWS.</p>;
  }
  const send = () => {
    const samlResponse = samlFieldOf(text);
    setIsEmpty(samlResponse === '');
    if (samlResponse === '') return;
    deliver.mutate(
      { id: attempt.id, samlResponse },
      {
        onSuccess: ({ roles, renewed }) => {
          const sessions = renewed.length === 0 ? '' : `, and ${plural(renewed.length, 'profile')} got a new session`;
          notify({ message: `${plural(roles.length, 'role')} offered${sessions}.` });
          void refresh(queries, 'signIns');
        },
        // A bearer secret: what was not taken is not kept on the page either.
        onSettled: () => setText(''),
      },
    );
  };
  return (
    <Form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!deliver.isPending) send();
      }}
    >
      <p>
        What the identity provider sends goes to AWS, and Keyhold runs in your browser, where it cannot catch it. Either
        use the Keyhold app, or take it out by hand within five minutes:
      </p>
      <ol className="flex list-decimal flex-col gap-1 pl-5">
        <li>Open the page with the browser’s developer tools open, on Network, and sign in.</li>
        <li>
          Pick the request to <span className="mono break-all">signin.aws.amazon.com/saml</span>, and copy its form
          field <span className="mono">SAMLResponse</span>.
        </li>
        <li>Paste it here.</li>
      </ol>
      <TextField
        label="SAMLResponse"
        mono
        multiline
        value={text}
        onChange={(value) => {
          setIsEmpty(false);
          setText(value);
        }}
        error={isEmpty ? 'Paste the value of the form field SAMLResponse.' : null}
      />
      <Button type="submit" variant="primary" className="self-start" isDisabled={deliver.isPending}>
        {deliver.isPending ? 'Handing it over…' : 'Hand it over'}
      </Button>
      {deliver.isError && <ErrorCallout error={asWireError(deliver.error)} />}
    </Form>
  );
}
