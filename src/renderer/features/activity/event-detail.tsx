import type { AuditEntry, AuditEvent } from '../../../contract/schemas.ts';
import { useAccounts, useClients, useProfiles } from '../../api/queries.ts';
import { formatBytes, formatExact, formatLatency } from '../../lib/format.ts';
import { Badge } from '../../ui/badge.tsx';
import { Callout } from '../../ui/callout.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { DetailHead, Dot } from '../../ui/detail.tsx';
import { Fact, Facts, Section } from '../../ui/facts.tsx';
import { RelativeTime } from '../../ui/time.tsx';
import { RecordLink } from '../shell/record-link.tsx';
import { describeEvent } from './describe-event.ts';
import { DecisionIcon, failed } from './event-row.tsx';

const ACTORS: Readonly<Record<string, string>> = {
  cli: 'the command line',
  app: 'the desktop app',
  web: 'the page in the browser',
  door: 'a tool at the front door',
  daemon: 'Keyhold itself',
};

const LEFT: Readonly<Record<NonNullable<AuditEvent['left']>, string>> = {
  process: 'handed to a tool (credential_process)',
  container: 'fetched at the container endpoint',
  console: 'used to sign in to the console',
};

/** Everything the log holds about one event. */
export function EventDetail({ entry }: { entry: AuditEntry }) {
  const { event } = entry;
  const words = describeEvent(event);
  const client = useClients().data?.find((one) => one.name === event.client);
  const account = useAccounts().data?.find((one) => one.name === event.account);
  const profile = useProfiles().data?.find((one) => one.name === event.profile);
  return (
    <>
      <DetailHead
        title={words.service === '' ? words.what : `${words.service} ${words.what}`}
        badges={
          <Badge
            tone={event.decision === 'denied' ? 'bad' : failed(event) ? 'warn' : 'good'}
            icon={<DecisionIcon event={event} />}
          >
            {failed(event) && event.decision === 'allowed' ? 'allowed, but failed' : event.decision}
          </Badge>
        }
        subtitle={
          <>
            <RelativeTime instant={event.time} />
            <Dot />
            <span>by {ACTORS[event.actor] ?? event.actor}</span>
          </>
        }
      />
      {entry.broken !== undefined && (
        <div className="px-6 pb-4">
          <Callout tone="error" title="This entry cannot be believed">
            It does not verify: {entry.broken}. The log was changed or damaged outside Keyhold; what is not marked is as
            it was written.
          </Callout>
        </div>
      )}
      {event.decision === 'denied' && entry.broken === undefined && (
        <div className="px-6 pb-4">
          <Callout
            tone="error"
            title="Why it was denied"
            {...(client === undefined
              ? {}
              : {
                  actions: (
                    <RecordLink screen="clients" id={client.id}>
                      Open the client
                    </RecordLink>
                  ),
                })}
          >
            {event.reason ?? 'The log holds no reason.'}
            {event.kind === 'request' && account?.kind !== 'local' && ' Nothing was forwarded to AWS.'}
          </Callout>
        </div>
      )}
      <Section title={event.kind === 'request' ? 'Request' : 'Change'}>
        <Facts>
          <Fact name="Time">{entry.broken === undefined ? formatExact(event.time) : 'unknown'}</Fact>
          {event.target !== undefined && <Fact name="Concerns">{event.target}</Fact>}
          {event.client !== undefined && (
            <Fact name="Client">
              {client === undefined ? (
                event.client
              ) : (
                <RecordLink screen="clients" id={client.id}>
                  {client.name}
                </RecordLink>
              )}
            </Fact>
          )}
          {event.clientKeyId !== undefined && (
            <Fact name="Client key id">
              <span className="mono">{event.clientKeyId}</span>
            </Fact>
          )}
          {event.assumedRole !== undefined && (
            <Fact name="As the role">
              <span className="mono">{event.assumedRole}</span>
            </Fact>
          )}
          {event.sessionKeyId !== undefined && (
            <Fact name="Session’s key id">
              <span className="mono">{event.sessionKeyId}</span>
            </Fact>
          )}
          {event.left !== undefined && <Fact name="Left the app">{LEFT[event.left]}</Fact>}
          {event.profile !== undefined && (
            <Fact name="Profile">
              {profile === undefined ? (
                event.profile
              ) : (
                <RecordLink screen="profiles" id={profile.id}>
                  {profile.name}
                </RecordLink>
              )}
            </Fact>
          )}
          {event.account !== undefined && <Fact name="Account">{event.account}</Fact>}
          {event.region !== undefined && <Fact name="Region">{event.region}</Fact>}
          {event.upstream !== undefined && (
            <Fact name="Sent to">
              <span className="mono break-all">{event.upstream}</span>
            </Fact>
          )}
          {event.status !== undefined && <Fact name="AWS answered">{event.status}</Fact>}
          {event.answered !== undefined && <Fact name="Tool received">{event.answered}</Fact>}
          {event.latencyMs !== undefined && <Fact name="Took">{formatLatency(event.latencyMs)}</Fact>}
          {event.bytesIn !== undefined && <Fact name="Sent">{formatBytes(event.bytesIn)}</Fact>}
          {event.bytesOut !== undefined && <Fact name="Received">{formatBytes(event.bytesOut)}</Fact>}
          {event.mfa !== undefined && (
            <Fact name="Touched">
              {event.mfa.map(({ key, credentialId }) => (
                <span key={credentialId} title={`credential ${credentialId}`}>
                  {key} <span className="mono text-muted">{credentialId.slice(0, 12)}…</span>
                </span>
              ))}
            </Fact>
          )}
          {event.requestId !== undefined && (
            <Fact name="Request id">
              <span className="mono break-all">{event.requestId}</span>
              <CopyButton text={event.requestId} label="Copy the request id" />
            </Fact>
          )}
          {event.decision === 'allowed' && event.reason !== undefined && <Fact name="Reason">{event.reason}</Fact>}
        </Facts>
      </Section>
      <Section title="In the log">
        <Facts>
          <Fact name="Entry">{entry.seq}</Fact>
          <Fact name="Action">
            <span className="mono">{event.action}</span>
          </Fact>
          <Fact name="Hash">
            <span className="mono break-all text-muted">{entry.hash}</span>
          </Fact>
        </Facts>
      </Section>
    </>
  );
}
