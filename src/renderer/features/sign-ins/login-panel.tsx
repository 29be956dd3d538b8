import { ExternalLink } from 'lucide-react';
import type { SignInAttempt } from '../../../contract/sign-ins.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { formatSeconds } from '../../lib/format.ts';
import { useNow } from '../../lib/use-now.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorCallout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { openPage } from './open-page.ts';
import { SamlSteps } from './saml/saml-steps.tsx';

/** Somebody is signing in: what to do in the browser, for how long, and how to give it up. */
export function LoginPanel({ attempt }: { attempt: SignInAttempt }) {
  const now = useNow(1000);
  const cancel = useChange('signIn.cancel');
  const { userCode, verificationUrl } = attempt;
  return (
    <section
      aria-label="Signing in"
      className="flex flex-col gap-3 rounded-panel border border-accent-line bg-accent-soft px-4 py-4"
    >
      {attempt.type === 'saml' ? (
        <SamlSteps attempt={attempt} />
      ) : userCode === undefined ? (
        <p>Sign in on the page that opened in your browser. It comes back here by itself; nothing has to be copied.</p>
      ) : (
        <>
          <p>The page shows this code. Allow it only if it is the same:</p>
          <p className="flex items-center gap-2">
            <output
              aria-label={`Code ${[...userCode].join(' ')}`}
              className="mono text-[28px] leading-9 font-semibold tracking-[0.12em] select-all"
            >
              {userCode}
            </output>
            <CopyButton text={userCode} label="Copy the code" />
          </p>
          {verificationUrl !== undefined && (
            <p className="text-muted">
              On another device: open <span className="mono break-all">{verificationUrl}</span> and type it there.
            </p>
          )}
        </>
      )}
      <div className="flex flex-wrap items-center gap-2">
        {!(attempt.type === 'saml' && attempt.flow === 'browser') && (
          <Button
            variant={attempt.type === 'saml' ? 'secondary' : 'primary'}
            autoFocus
            icon={<ExternalLink size={16} aria-hidden="true" />}
            onPress={() => openPage(attempt.url)}
          >
            {userCode === undefined && attempt.flow === 'browser' ? 'Open the page again' : 'Open the page'}
          </Button>
        )}
        <Button isDisabled={cancel.isPending} onPress={() => cancel.mutate({ id: attempt.id })}>
          Cancel
        </Button>
        <span className="ml-auto text-muted tabular-nums" aria-hidden="true">
          {formatSeconds((Date.parse(attempt.expiresAt) - now) / 1000)} left
        </span>
      </div>
      {cancel.isError && <ErrorCallout error={asWireError(cancel.error)} />}
    </section>
  );
}
