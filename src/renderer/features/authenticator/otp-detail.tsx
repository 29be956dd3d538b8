import { Copy, Ellipsis, Pencil, QrCode, Star, Trash2 } from 'lucide-react';
import { useEffect } from 'react';
import type { OtpDevice } from '../../../contract/totp.ts';
import { asWireError } from '../../api/error.ts';
import { useChange } from '../../api/queries.ts';
import { shellQuote } from '../../lib/shell-quote.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { Callout, ErrorCallout } from '../../ui/callout.tsx';
import { CodeLine, CopyButton } from '../../ui/code.tsx';
import { cx } from '../../ui/cx.ts';
import { DetailHead } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { Menu } from '../../ui/menu.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { dialogStore, openDialog } from '../dialogs/dialog-store.ts';
import { type CodeState, codeStateOf, spaced } from './code-state.ts';
import { CountdownRing } from './countdown-ring.tsx';
import type { CodesNow } from './otp-queries.ts';
import { type CopyCode, useCopyCode } from './use-copy-code.ts';
import { useTick } from './use-tick.ts';

export function OtpDetail({ device, codes }: { device: OtpDevice; codes: CodesNow | undefined }) {
  const change = useChange('totp.update', 'totp');
  const copying = useCopyCode(device.name);
  const enrolling = device.enrolling !== undefined;
  useCopyKey(enrolling ? undefined : copying.copy);
  return (
    <>
      <DetailHead
        title={device.name}
        subtitle={
          <span>{[device.issuer, device.label].filter((part) => part !== '').join(' · ') || 'One-time code'}</span>
        }
        actions={
          <>
            {enrolling ? (
              <Button variant="primary" onPress={() => openDialog({ kind: 'totp.aws', device })}>
                Finish the enrolment…
              </Button>
            ) : (
              <Button
                variant="primary"
                icon={<Copy size={16} aria-hidden="true" />}
                isDisabled={copying.working}
                onPress={copying.copy}
              >
                {copying.held === null ? 'Copy a code' : `Copied, clears in ${copying.held} s`}
              </Button>
            )}
            <Button
              icon={<Pencil size={16} aria-hidden="true" />}
              onPress={() => openDialog({ kind: 'totp.edit', device })}
            >
              Edit
            </Button>
            <Menu
              label={`More for ${device.name}`}
              trigger={<IconButton label="More" className="size-8" icon={<Ellipsis size={16} aria-hidden="true" />} />}
              actions={[
                {
                  id: 'favourite',
                  label: device.favourite ? 'No favourite' : 'Favourite',
                  icon: <Star size={16} aria-hidden="true" />,
                  run: () => change.mutate({ name: device.name, favourite: !device.favourite }),
                },
                {
                  id: 'export',
                  label: 'Show the secret…',
                  icon: <QrCode size={16} aria-hidden="true" />,
                  run: () => openDialog({ kind: 'totp.export', device }),
                },
                {
                  id: 'remove',
                  label: enrolling ? 'Take the enrolment back…' : 'Remove…',
                  danger: true,
                  icon: <Trash2 size={16} aria-hidden="true" />,
                  run: () =>
                    openDialog(enrolling ? { kind: 'totp.aws', device } : { kind: 'totp.remove', devices: [device] }),
                },
              ]}
            />
          </>
        }
      />
      {(change.isError || copying.error !== null || codes?.drift?.warning !== undefined || enrolling) && (
        <div className="flex max-w-192 flex-col gap-2 px-6 pb-4">
          {change.isError && <ErrorCallout error={asWireError(change.error)} />}
          {copying.error !== null && <ErrorCallout error={copying.error} />}
          {codes?.drift?.warning !== undefined && <Callout tone="warning">{codes.drift.warning}</Callout>}
          {enrolling && (
            <Callout tone="warning" title="Not in use yet">
              This device is made, and its account waits for two codes in a row.
            </Callout>
          )}
        </div>
      )}
      {!enrolling && <CodePanel device={device} codes={codes} copying={copying} />}
      <Section title="About">
        <Facts>
          {device.issuer !== '' && (
            <Fact name="Issuer">
              <Anywhere>{device.issuer}</Anywhere>
            </Fact>
          )}
          {device.label !== '' && (
            <Fact name="Account">
              <Anywhere>{device.label}</Anywhere>
            </Fact>
          )}
          {device.mfaSerial !== undefined && (
            <Fact name="AWS MFA device">
              <span className="flex min-w-0 items-start gap-2">
                <span className="mono break-all">{device.mfaSerial}</span>
                <CopyButton text={device.mfaSerial} label="Copy the serial number" />
              </span>
            </Fact>
          )}
          <Fact name="Codes">
            {device.digits} digits {device.type === 'hotp' ? 'by counter' : `every ${device.period ?? 30} s`}
            <span className="text-muted">{device.algorithm.replace('SHA', 'SHA-')}</span>
          </Fact>
          <Fact name="Secret">
            <span className="text-muted">In the vault. It is shown only after the password.</span>
          </Fact>
          <Fact name="Added">
            <RelativeTime instant={device.createdAt} />
          </Fact>
          <Fact name="Last used">
            {device.lastUsedAt === undefined ? 'Never' : <RelativeTime instant={device.lastUsedAt} />}
          </Fact>
        </Facts>
      </Section>
      {!enrolling && (
        <Section title="From a terminal">
          <CodeLine text={`keyhold totp code ${shellQuote(device.name)}`} />
        </Section>
      )}
    </>
  );
}

/** Text of somebody else's making, which may have no place to break. */
function Anywhere({ children }: { children: string }) {
  return <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>;
}

/** C copies, wherever the focus is on the page, as long as nothing is typed. */
function useCopyKey(copy: (() => void) | undefined): void {
  useEffect(() => {
    if (copy === undefined) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key !== 'c' || dialogStore.get() !== null) return;
      const { target } = event;
      if (target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]')) return;
      event.preventDefault();
      copy();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [copy]);
}

function CodePanel({ device, codes, copying }: { device: OtpDevice; codes: CodesNow | undefined; copying: CopyCode }) {
  const now = useTick(codes?.aheadMs ?? 0);
  const state = codeStateOf(device, codes?.byName.get(device.name), now);
  const { taken } = copying;
  const own = taken !== null && (taken.validUntil === null || taken.validUntil > now) ? taken.code : null;
  return (
    <div className="px-6 pb-5">
      <section
        aria-label="Code"
        className="flex min-h-26 max-w-120 flex-col justify-center gap-1 rounded-panel border border-line bg-panel px-5 py-4"
      >
        <CodeLines state={state} own={own} />
        <p role="status" className={copying.message === '' ? 'sr-only' : 'text-muted'}>
          {copying.message}
        </p>
      </section>
    </div>
  );
}

function CodeLines({ state, own }: { state: CodeState; own: string | null }) {
  if (state.kind === 'loading') return <span className="h-7 w-40 rounded-control bg-hover" />;
  if (state.kind === 'counter') {
    return (
      <div className="flex items-center gap-4">
        {own === null ? (
          <span className="text-muted">Each code is made when you copy it.</span>
        ) : (
          <BigCode code={own} />
        )}
      </div>
    );
  }
  if (state.kind === 'used') {
    return (
      <div className="flex items-center gap-4">
        <span className="flex min-w-0 flex-1 flex-col">
          {own === null ? <span className="text-title text-muted">Used</span> : <BigCode code={own} muted />}
          <span className="text-muted tabular-nums">
            {own === null ? 'The present code has been used.' : 'This code is used.'} The next one comes in{' '}
            {Math.ceil(state.left / 1000)} s.
          </span>
        </span>
        <CountdownRing left={state.left} of={state.period} size={40} showSeconds />
      </div>
    );
  }
  return (
    <div className="flex items-center gap-4">
      <span className="flex min-w-0 flex-1 flex-col">
        <BigCode code={state.code} urgent={state.soon} />
        <span className="text-muted">
          {state.soon && state.next !== null ? (
            <>
              Next <span className="mono tabular-nums">{spaced(state.next)}</span>
            </>
          ) : (
            'Copying it uses it up.'
          )}
        </span>
      </span>
      <CountdownRing left={state.left} of={state.period} size={40} urgent={state.soon} showSeconds />
    </div>
  );
}

function BigCode({ code, urgent = false, muted = false }: { code: string; urgent?: boolean; muted?: boolean }) {
  return (
    <span
      data-testid="otp-code"
      className={cx(
        'mono text-display font-semibold tracking-wide tabular-nums',
        urgent && 'text-warn-ink',
        muted && 'text-muted',
      )}
    >
      {spaced(code)}
    </span>
  );
}
