import type { Role } from '../../../contract/roles.ts';
import { Badge } from '../../ui/badge.tsx';
import { CopyButton } from '../../ui/code.tsx';
import { Fact } from '../../ui/facts.tsx';

/** What AssumeRole is told, as it stands in the profile. */
export function RoleFacts({ role }: { role: Role }) {
  return (
    <>
      <Fact name="Role">
        <span className="mono break-all">{role.arn}</span>
        <CopyButton text={role.arn} label="Copy the role’s ARN" />
      </Fact>
      {role.externalId !== undefined && (
        <Fact name="External id">
          <span className="mono break-all">{role.externalId}</span>
        </Fact>
      )}
      {role.sessionName !== undefined && (
        <Fact name="Session name">
          <span className="mono break-all">{role.sessionName}</span>
        </Fact>
      )}
      {role.sourceIdentity !== undefined && <Fact name="Source identity">{role.sourceIdentity}</Fact>}
      {role.policyArns !== undefined && (
        <Fact name="Session policies">
          <ul className="mono break-all">
            {role.policyArns.map((arn) => (
              <li key={arn}>{arn}</li>
            ))}
          </ul>
        </Fact>
      )}
      {role.policy !== undefined && (
        <Fact name="Session policy">
          <pre className="mono min-w-0 whitespace-pre-wrap break-words">{role.policy}</pre>
        </Fact>
      )}
      {role.tags !== undefined && (
        <Fact name="Session tags">
          {Object.entries(role.tags).map(([name, value]) => (
            <Badge key={name}>
              {name} = {value}
              {role.transitiveTagKeys?.includes(name) === true ? ', passed on' : ''}
            </Badge>
          ))}
        </Fact>
      )}
    </>
  );
}
