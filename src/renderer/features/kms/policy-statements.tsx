import { Ban, CircleCheck } from 'lucide-react';
import { Badge } from '../../ui/badge.tsx';
import { Fact, Facts } from '../../ui/facts.tsx';
import { shortPrincipal } from './principals.ts';
import { type ReadStatement, readPolicy } from './read-policy.ts';

/** A policy, statement by statement, for those who do not read JSON for pleasure. */
export function PolicyStatements({ text }: { text: string }) {
  const statements = readPolicy(text);
  if (statements === null) {
    return <p className="text-muted">This cannot be told in words until it is a whole policy. See the JSON.</p>;
  }
  return (
    <ol className="flex flex-col gap-2">
      {statements.map((statement, index) => (
        <li
          key={`${statement.sid ?? ''} ${JSON.stringify(statement)}`}
          className="flex flex-col gap-2 rounded-control border border-line px-3 py-2.5"
        >
          <p className="flex flex-wrap items-center gap-2">
            {statement.effect === 'Allow' ? (
              <Badge tone="good" icon={<CircleCheck size={12} aria-hidden="true" />}>
                allows
              </Badge>
            ) : (
              <Badge tone="bad" icon={<Ban size={12} aria-hidden="true" />}>
                denies
              </Badge>
            )}
            <span className="font-medium">{statement.sid ?? `Statement ${index + 1}`}</span>
          </p>
          <Facts>
            <Fact name={statement.principals.not ? 'Everyone but' : 'Who'}>
              <Principals names={statement.principals.names} />
            </Fact>
            <Fact name={statement.actions.not ? 'All but' : 'What'}>
              {statement.actions.names.map((action) => (
                <code key={action}>{action}</code>
              ))}
            </Fact>
            {statement.conditions.map(({ operator, key, values }) => (
              <Fact key={`${operator} ${key}`} name="Only if">
                <code>{key}</code>
                <span className="text-muted">{operator}</span>
                <code className="break-all">{values.join(', ')}</code>
              </Fact>
            ))}
          </Facts>
        </li>
      ))}
    </ol>
  );
}

function Principals({ names }: { names: ReadStatement['principals']['names'] }) {
  return names.map((name) => (
    <span key={name} className="min-w-0" title={name}>
      {name === '*' ? (
        'anyone'
      ) : (
        <>
          <code className="break-all">{shortPrincipal(name)}</code>
          {/:root$|^\d{12}$/.test(name) && (
            <span className="text-muted"> the account: its root, and whom its IAM policies let</span>
          )}
        </>
      )}
    </span>
  ));
}
